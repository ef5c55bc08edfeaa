// The keys of digests for the scopes of a ledger.
#pragma once

#include <optional>
#include <unordered_map>
#include <utility>

#include "ledger/log/store/store.h"
#include "ledger/rules/content_digests.h"

namespace runledger {

// Digests in the events of a tenant whose content is sealed are made under the tenant's key as well: once that key is
// destroyed, no one can find out by guesses what was digested. All others are made under the key of the ledger alone.
//
// Not for several threads at once. Throws Failure as SealKeys does.
class ContentKeys {
 public:
  // `store` is not owned and must outlive the keys.
  explicit ContentKeys(const Store& store);

  [[nodiscard]] const ContentKey& ledger() const { return ledger_; }
  // Whether contents are sealed in this ledger at all.
  [[nodiscard]] bool seals() const { return store_.seal_keys() != nullptr; }
  // Whether the scope's events are sealed, so that it has a key of its own.
  [[nodiscard]] bool are_sealed(const Scope& scope) const;

  // The key of a scope. make() makes the tenant's key if it has none; the reference is valid until the next call. With
  // find(), a scope without a key has that of the ledger: no event has a digest of it.
  const ContentKey& make(const Scope& scope);
  [[nodiscard]] ContentKey find(const Scope& scope) const;

 private:
  [[nodiscard]] ContentKey key_with(const SealKey& seal) const;

  const Store& store_;
  const ContentKey ledger_;
  std::unordered_map<SealKeyId, ContentKey> sealed_;
};

}  // namespace runledger
