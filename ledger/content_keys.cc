// Derives a key of digests once for each key of a tenant that is in use.
#include "ledger/content_keys.h"

#include "ledger/base/assert.h"

namespace runledger {
namespace {

constexpr std::size_t kKeptMax = 10'000;

}  // namespace

ContentKeys::ContentKeys(const Store& store) : store_(store), ledger_(store.identity_key()) {}

bool ContentKeys::are_sealed(const Scope& scope) const {
  return seals() && scope.tenant;
}

ContentKey ContentKeys::key_with(const SealKey& seal) const {
  return ContentKey(store_.identity_key(), seal.key.bytes);
}

const ContentKey& ContentKeys::make(const Scope& scope) {
  if (!are_sealed(scope)) return ledger_;
  const SealKey seal = store_.seal_keys()->make(scope);
  if (sealed_.size() >= kKeptMax && !sealed_.contains(seal.id)) sealed_.clear();
  const auto found = sealed_.find(seal.id);
  return found != sealed_.end() ? found->second : sealed_.emplace(seal.id, key_with(seal)).first->second;
}

ContentKey ContentKeys::find(const Scope& scope) const {
  if (!are_sealed(scope)) return ledger_;
  const std::optional<SealKey> seal = store_.seal_keys()->find(scope);
  return seal ? key_with(*seal) : ledger_;
}

}  // namespace runledger
