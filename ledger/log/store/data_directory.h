// The directory of a ledger: its permissions, its lock, and the identity key.
//
//   lock          held (flock) by the one process that uses the ledger; contains its process id
//   identity.key  32 bytes, readable by the owner only
//   store/        the database (ledger/log/store/store.h)
//   unfinished    exists only while the ledger is being created; anything beside it may be discarded
#pragma once

#include <filesystem>
#include <optional>

#include "ledger/base/posix_file.h"
#include "ledger/rules/identity.h"

namespace runledger {

// Throws Failure unless there is a ledger at `path`: "ledger.not_found", "ledger.insecure", as DataDirectory does for
// kUse. Does not take the lock, so another process may be using the ledger.
void require_ledger(const std::filesystem::path& path);

// Holds the lock of a ledger's directory for as long as the object lives.
//
// Every function throws Failure "storage.failed" when a system call fails, "ledger.not_writable" when the process lacks
// permission, and the codes given below.
class DataDirectory {
 public:
  enum class Purpose { kUse, kCreate };

  // kUse is for an existing ledger. Throws "ledger.not_found" when the path does not exist, is something else than a
  // ledger's directory, or holds a ledger whose creation was interrupted.
  //
  // kCreate makes the directory (mode 0700) and its missing parents, or takes over an empty directory or one of an
  // interrupted creation, which it recognises by the text of the marker. Throws "ledger.exists" when the directory
  // holds anything else.
  //
  // Both throw "ledger.insecure" when every user may write to the directory, and "ledger.busy" when another process
  // holds the lock; the message names that process.
  DataDirectory(std::filesystem::path path, Purpose purpose);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::filesystem::path store_path() const { return path_ / "store"; }

  // Throws "ledger.key_missing" when the file does not exist or does not have 32 bytes, and "ledger.insecure" when
  // other users have any access to it.
  [[nodiscard]] IdentityKey read_key() const;

  // Makes the empty directory of the store with mode 0700, whatever the umask and the mode of path() are: the database
  // makes its files with the umask, and this directory keeps other users from reaching them. Requires kCreate.
  void make_store_directory() const;

  // The last two steps of a creation. write_key() makes the key durable; finish_creation() then removes the marker,
  // after which the directory counts as a ledger. Require kCreate.
  void write_key(const IdentityKey& key) const;
  void finish_creation() const;

 private:
  void prepare_use();
  void prepare_creation();
  void take_lock();

  std::filesystem::path path_;
  // Closing the file releases the lock. The file itself stays, because removing it would let a second process lock a
  // new file of the same name.
  std::optional<PosixFile> lock_;
};

}  // namespace runledger
