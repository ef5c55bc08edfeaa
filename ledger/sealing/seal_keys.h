// The keys of a sealed ledger's tenants, as all of its threads use them.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ledger/sealing/seal_key_file.h"

namespace runledger {

// A tenant has at most one key at a time, which is made when it is first needed. Once its content is erased, the key
// opens nothing any more; the next event of the tenant gets another one.
//
// Any thread may read; one thread at a time may call the functions that change something. Throws as SealKeyFile does.
class SealKeys {
 public:
  // Reads the file of keys in `ledger`. A ledger may have lost it, or not have got it back yet: then no content can be
  // opened, and none be sealed.
  SealKeys(const std::filesystem::path& ledger, SealKeyFile::Access access);
  SealKeys(const SealKeys&) = delete;
  SealKeys& operator=(const SealKeys&) = delete;

  [[nodiscard]] bool has_file() const { return file_.has_value(); }
  // Whether there is no key that opens something.
  [[nodiscard]] bool empty() const;

  // Returns the content; nullopt when its key is not there, or is retired. Throws as open_content() does.
  [[nodiscard]] std::optional<std::string> open(std::string_view sealed, std::string_view associated) const;
  // Whether the key is there and not retired.
  [[nodiscard]] bool has(SealKeyId id) const;
  // The tenant's key; absent when it has none, or a retired one. Requires a scope with a tenant.
  [[nodiscard]] std::optional<SealKey> find(const Scope& scope) const;

  // The tenant's key, which is made, and is on disk, when it has none. Requires has_file() and a scope with a tenant.
  SealKey make(const Scope& scope);

  // Takes over keys of a ledger whose events this one takes over, and returns once they are on disk. A key that is
  // there already is passed by. Returns false, and takes none, when one of them has the id of a key that is there, and
  // is another one. Requires has_file(), and keys that no event has erased.
  [[nodiscard]] bool adopt(const std::vector<TenantKey>& keys);

  // From now on the keys open nothing. They stay in the file until destroy_retired().
  void retire(const std::vector<SealKeyId>& ids);
  // Those of the retired keys that are in the file still.
  [[nodiscard]] std::vector<SealKeyId> retired() const;
  void destroy_retired();

 private:
  mutable std::shared_mutex mutex_;
  std::optional<SealKeyFile> file_;
  std::unordered_map<SealKeyId, SealKey> keys_;
  std::map<Scope, SealKeyId> current_;
  std::set<SealKeyId> retired_;
};

}  // namespace runledger
