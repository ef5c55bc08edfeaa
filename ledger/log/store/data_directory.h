// The directory of a ledger: who may write to it, who holds it, and the identity key in it.
//
//   lock          held (flock) by the one process that uses the ledger; names it
//   identity.key  32 bytes, readable by the owner only
//   store/        the database (ledger/log/store/store.h)
//   unfinished    there while the ledger is being made, and says so; what is beside it counts for nothing
#pragma once

#include <filesystem>
#include <optional>

#include "ledger/base/posix_file.h"
#include "ledger/rules/identity.h"

namespace runledger {

// Throws Failure unless there is a ledger, as DataDirectory does for kUse; does not care who holds it.
void require_ledger(const std::filesystem::path& path);

// Holds the lock for as long as it lives. Throws Failure "storage.failed" when the system refuses, and what is said
// below.
class DataDirectory {
 public:
  enum class Purpose { kUse, kCreate };

  // kUse: "ledger.not_found" (no such directory, something else, or a creation that was interrupted),
  // "ledger.not_writable". kCreate makes it (mode 0700) and what is missing above it, or takes over an empty one or an
  // interrupted creation, which it knows by its words; "ledger.exists" when it holds anything else. Both:
  // "ledger.insecure" (everybody may write to it), "ledger.busy" (names the process that holds it).
  DataDirectory(std::filesystem::path path, Purpose purpose);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::filesystem::path store_path() const { return path_ / "store"; }

  // "ledger.key_missing" when the file is not there or is no key; "ledger.insecure" when others may read it.
  [[nodiscard]] IdentityKey read_key() const;

  // The last steps of a creation: the key becomes durable, then the directory counts as a ledger.
  void write_key(const IdentityKey& key) const;
  void finish_creation() const;

 private:
  void prepare_use();
  void prepare_creation();
  void take_lock();

  std::filesystem::path path_;
  // Closing the file frees it. The file stays: removing it could free a lock that another process holds.
  std::optional<PosixFile> lock_;
};

}  // namespace runledger
