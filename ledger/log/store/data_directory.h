// The directory of a ledger: its permissions, its lock, and the identity key.
//
//   lock          held (flock) by the one process that uses the ledger; contains its process id
//   identity.key  32 bytes, readable by the owner only
//   mark          how far the log has come (ledger/log/mark.h)
//   store/        the database (ledger/log/store/store.h)
//   rows/, tiles/, scopes/   the databases of what is derived from it (ledger/log/store/derived_store.h)
//   unfinished    exists only while the ledger is being created or restored; anything beside it may be discarded
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

#include "ledger/base/posix_file.h"
#include "ledger/log/store/derived_store.h"
#include "ledger/rules/identity.h"

namespace runledger {

// Where a restoration puts a ledger together (ledger/backup/restoration.h) before adopt() moves it into place.
inline constexpr const char* kRestoringDirectory = "restoring";

// Throws Failure unless there is a ledger at `path`: "ledger.not_found", "ledger.insecure", as DataDirectory does for
// kUse. Does not take the lock, so another process may be using the ledger. Any user may ask.
void require_ledger(const std::filesystem::path& path);

// The user to whom a ledger belongs, and whose process makes its files.
struct LedgerOwner {
  uid_t user = 0;
  gid_t group = 0;
};
// Returns the owner of the ledger's store. The owner of `path` itself does not count, unless there is no store: a
// directory that was mounted often belongs to root.
[[nodiscard]] LedgerOwner owner_of_ledger(const std::filesystem::path& path);
// Gives a file that root has just made in the ledger to its owner. Has no effect for other users, who are the owner.
void give_to_owner(const PosixFile& made, const std::filesystem::path& ledger);
// Throws Failure "ledger.wrong_user", which names both users, unless this process runs as the owner. A file that
// another user makes in the ledger would be closed to the owner.
void require_owner(const std::filesystem::path& path);

// Returns the identity key of the ledger at `path`, without its lock. Throws Failure "ledger.key_missing" when the file
// does not exist or does not have 32 bytes, and "ledger.insecure" when other users have any access to it.
[[nodiscard]] IdentityKey read_identity_key(const std::filesystem::path& path);
// The key that keep_key() has written there, if it has that id. Throws as read_identity_key() does.
[[nodiscard]] std::optional<IdentityKey> read_kept_identity_key(const std::filesystem::path& path, const Digest<8>& id);

// Keeps other processes from using the ledger for as long as the file is open, without changing anything in it: for one
// that is only looked at. The result is not open when the directory has no lock, which every ledger in use has. Throws
// Failure "ledger.busy", and "ledger.insecure" when the lock is no regular file.
[[nodiscard]] PosixFile lock_unchanged(const std::filesystem::path& path);

// Holds the lock of a ledger's directory for as long as the object lives.
//
// Every function throws Failure "storage.failed" when a system call fails, "ledger.not_writable" when the process lacks
// permission, and the codes given below.
class DataDirectory {
 public:
  enum class Purpose { kUse, kUseCopy, kCreate };

  // kUse is for an existing ledger. Throws "ledger.not_found" when the path does not exist, is something else than a
  // ledger's directory, or holds a ledger whose creation was interrupted, and "ledger.wrong_user" as require_owner()
  // does. kUseCopy is for a LedgerCopy, which root may use too: its owner will only remove it.
  //
  // kCreate makes the directory (mode 0700) and its missing parents, or takes over an empty directory or one of an
  // interrupted creation, which it recognises by the text of the marker. Throws "ledger.exists" when the directory
  // holds anything else.
  //
  // All throw "ledger.insecure" when every user may write to the directory, and "ledger.busy" when another process
  // holds the lock; the message names that process.
  DataDirectory(std::filesystem::path path, Purpose purpose);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::filesystem::path store_path() const { return path_ / "store"; }
  [[nodiscard]] std::filesystem::path derived_path(Derived which) const { return path_ / to_string(which); }

  [[nodiscard]] IdentityKey read_key() const { return read_identity_key(path_); }

  // Replace the key in two steps, between which the store takes over the id of the new one: a key that is kept for
  // later has no effect before it is put in place. take_kept_key() does so, and returns the key, if there is one with
  // that id.
  void keep_key(const IdentityKey& key) const;
  [[nodiscard]] std::optional<IdentityKey> take_kept_key(const Digest<8>& id) const;

  // Makes the empty directory of the store with mode 0700, whatever the umask and the mode of path() are: the database
  // makes its files with the umask, and this directory keeps other users from reaching them. Requires kCreate.
  void make_store_directory() const;

  // The last two steps of a creation. write_key() makes the key durable; finish_creation() then removes the marker,
  // after which the directory counts as a ledger. Require kCreate.
  void write_key(const IdentityKey& key) const;
  void finish_creation() const;

  // The last step of a creation from a ledger that was made in a directory inside this one: moves everything in `aside`
  // here, and then removes the marker. The ledger must be closed. Requires kCreate.
  void adopt(const std::filesystem::path& aside) const;

 private:
  void prepare_use(Purpose purpose);
  void prepare_creation();
  void take_lock();
  void remove_marker() const;

  std::filesystem::path path_;
  // Closing the file releases the lock. The file itself stays, because removing it would let a second process lock a
  // new file of the same name.
  std::optional<PosixFile> lock_;
};

}  // namespace runledger
