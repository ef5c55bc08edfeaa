// Keeps the keys in memory, under a lock that readers share.
#include "ledger/sealing/seal_keys.h"

#include <algorithm>
#include <mutex>

#include "ledger/base/assert.h"

namespace runledger {

SealKeys::SealKeys(const std::filesystem::path& ledger, SealKeyFile::Access access) {
  if (!SealKeyFile::exists(ledger)) return;
  file_.emplace(ledger, access);
  for (const TenantKey& each : file_->keys()) {
    keys_[each.key.id] = each.key;
    current_[each.scope] = each.key.id;  // The last one of a tenant is the newest.
  }
}

std::optional<std::string> SealKeys::open(std::string_view sealed, std::string_view associated) const {
  const SealKeyId id = key_of(sealed);
  SealKey key;
  {
    const std::shared_lock lock(mutex_);
    const auto found = keys_.find(id);
    if (found == keys_.end()) return std::nullopt;
    key = found->second;
  }
  return open_content(key, sealed, associated);
}

bool SealKeys::empty() const {
  const std::shared_lock lock(mutex_);
  return keys_.empty();
}

bool SealKeys::has(SealKeyId id) const {
  const std::shared_lock lock(mutex_);
  return keys_.contains(id);
}

std::optional<SealKey> SealKeys::find(const Scope& scope) const {
  RUNLEDGER_ASSERT(scope.tenant);
  const std::shared_lock lock(mutex_);
  const auto found = current_.find(scope);
  return found == current_.end() ? std::nullopt : std::optional(keys_.at(found->second));
}

SealKey SealKeys::make(const Scope& scope) {
  if (const std::optional<SealKey> key = find(scope)) return *key;
  RUNLEDGER_ASSERT(file_);
  const TenantKey made{SealKey::random(), scope};
  const std::unique_lock lock(mutex_);
  file_->add({made});
  keys_[made.key.id] = made.key;
  current_[scope] = made.key.id;
  return made.key;
}

bool SealKeys::adopt(const std::vector<TenantKey>& keys) {
  RUNLEDGER_ASSERT(file_);
  const std::unique_lock lock(mutex_);
  std::vector<TenantKey> taken;
  for (const TenantKey& each : keys) {
    const auto known = std::find_if(file_->keys().begin(), file_->keys().end(),
                                    [&each](const TenantKey& held) { return held.key.id == each.key.id; });
    if (known == file_->keys().end())
      taken.push_back(each);
    else if (known->key.key.bytes != each.key.key.bytes || known->scope != each.scope)
      return false;
  }
  if (taken.empty()) return true;
  file_->add(taken);
  for (const TenantKey& each : taken) {
    keys_[each.key.id] = each.key;
    current_[each.scope] = each.key.id;
  }
  return true;
}

void SealKeys::retire(const std::vector<SealKeyId>& ids) {
  const std::unique_lock lock(mutex_);
  for (const SealKeyId& id : ids) {
    if (keys_.erase(id) == 0) continue;
    std::erase_if(current_, [&id](const auto& each) { return each.second == id; });
    retired_.insert(id);
  }
}

std::vector<SealKeyId> SealKeys::retired() const {
  const std::shared_lock lock(mutex_);
  return {retired_.begin(), retired_.end()};
}

void SealKeys::destroy_retired() {
  const std::unique_lock lock(mutex_);
  if (retired_.empty()) return;
  file_->destroy({retired_.begin(), retired_.end()});
  retired_.clear();
}

}  // namespace runledger
