// The file seal.keys of a sealed ledger: the keys of its tenants, each wrapped (docs/log-format.md).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/sealing/master_key.h"
#include "ledger/sealing/sealed_content.h"
#include "ledger/values/names.h"

namespace runledger {

inline constexpr const char* kSealKeysFile = "seal.keys";
inline constexpr const char* kSealMasterFile = "seal.master";  // By default, the master key.

struct TenantKey {
  SealKey key;
  Scope scope;
};

// The key file, with its keys in clear in memory. For one thread. Throws Failure "seal.keys_damaged" when the file is
// not one of seal keys, "ledger.format_newer" when a newer version wrote it, and as the functions of master_key.h and
// posix_file.h do.
class SealKeyFile {
 public:
  // Makes the file in the ledger's directory, without keys, and the master key if it is a file that does not exist.
  static void create(const std::filesystem::path& ledger, const MasterKey& master);
  [[nodiscard]] static bool exists(const std::filesystem::path& ledger);

  enum class Access {
    kRead,   // Beside the process that uses the ledger.
    kWrite,  // By that process.
  };
  // Reads the file. A last line without an end was cut by a crash before its key was used, or is being written: it is
  // passed by, and to write, removed.
  SealKeyFile(std::filesystem::path ledger, Access access);

  // Restores the tenant of a key that was written, here or into an export. Refuses what no name ever was.
  [[nodiscard]] static Scope restore_scope(const std::string& workspace, const std::string& tenant);

  [[nodiscard]] const std::vector<TenantKey>& keys() const { return keys_; }

  // Returns once the keys are on disk: all of them, or after a crash the first ones.
  void add(const std::vector<TenantKey>& keys);

  // Returns once these keys are in no file of the ledger: the file is replaced by one without them, and the bytes of
  // the old one are overwritten where they are. Ids that the file does not have are passed by.
  void destroy(const std::vector<SealKeyId>& ids);

 private:
  [[nodiscard]] TenantKey read_line(std::string_view line) const;
  [[nodiscard]] std::string line_of(const TenantKey& key) const;

  std::filesystem::path ledger_;
  std::string header_;  // The first line, with its end.
  AesGcmKey wrapping_;  // What the lines are wrapped under.
  std::vector<TenantKey> keys_;
};

}  // namespace runledger
