// The key with which a ledger signs its checkpoints, and the memory of the last one that it signed.
//
//   audit.key         the secret key, in Go's text form for signers, or the command that signs; readable by the owner
//   only audit.checkpoint  the last checkpoint that was signed; absent before the first audit.rotations   how the key
//   came to be (ledger/evidence/key_rotation.h); absent before the first rotation audit.key.next    the next secret
//   key, while a rotation is under way
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ledger/base/posix_file.h"
#include "ledger/evidence/checkpoint.h"
#include "ledger/evidence/key_rotation.h"
#include "ledger/evidence/scopes_note.h"
#include "ledger/values/sequence.h"
#include "ledger/values/time.h"

namespace runledger {

// Makes the audit key of the ledger in `directory`, with `name` as its origin. Throws Failure "audit_key.exists" when
// there is one, "ledger.wrong_user" as require_owner() does, and as throw_errno() does.
NoteSigner create_audit_key(const std::filesystem::path& directory, const std::string& name);
// The same for a key that there is already.
NoteSigner create_audit_key(const std::filesystem::path& directory, NoteSigner signer);

[[nodiscard]] bool has_audit_key(const std::filesystem::path& directory);

// Returns the audit key of the ledger in `directory`. Throws Failure "audit_key.missing" when it has no key,
// "audit_key.damaged" when the file does not hold one, "ledger.insecure" when others have access to it, and as
// throw_errno() does.
[[nodiscard]] NoteSigner read_audit_key(const std::filesystem::path& directory);

// Returns every key with which the ledger in `directory` has signed, as its rotations say, the newest last; none when
// it has no key. Throws as read_audit_key() does, and "audit_key.damaged" when the rotations are no such file.
[[nodiscard]] std::vector<NoteVerifier> audit_keys(const std::filesystem::path& directory);

// Copies the audit key of a ledger, its rotations and its last checkpoint to the directory of a ledger that goes on
// with its first `events` events. A rotation that was interrupted is completed there, or taken back. A checkpoint of
// more events is left out: the ledger does not extend it. Does nothing without a key. Throws as audit_keys() does.
void copy_audit_key(const std::filesystem::path& from, const std::filesystem::path& to, Sequence events);

// Returns the checkpoint that the ledger in `directory` has signed last; nullopt when it has no key or has signed none.
// Throws as AuditKey::last() and read_audit_key() do.
[[nodiscard]] std::optional<Checkpoint> last_checkpoint(const std::filesystem::path& directory);

// Returns the note of that checkpoint, with its cosignatures. Does not check it.
[[nodiscard]] std::optional<std::string> last_note(const std::filesystem::path& directory);

// Returns when that checkpoint was signed, by the machine's clock, as the time of its file says; nullopt when the
// ledger has signed none.
[[nodiscard]] std::optional<Time> last_signed_at(const std::filesystem::path& directory);

// The audit key of a ledger, for signing. While the object lives, no other one of the same ledger is made, by whatever
// process.
class AuditKey {
 public:
  // Waits until the ledger has no other AuditKey. Completes a rotation that was interrupted, or takes it back if the
  // old key has not signed it yet. Throws as read_audit_key() does.
  explicit AuditKey(std::filesystem::path directory);
  // Returns nullopt instead of waiting.
  [[nodiscard]] static std::optional<AuditKey> if_free(std::filesystem::path directory);

  [[nodiscard]] const NoteSigner& signer() const { return signer_; }

  // Returns the checkpoint that was signed last; nullopt when there is none. Throws "audit_key.damaged" when the file
  // holds something else.
  [[nodiscard]] std::optional<Checkpoint> last() const;

  // When last() was signed. Requires that there is one.
  [[nodiscard]] Time last_signed_at() const;
  // Every key with which the ledger has signed, as audit_keys() returns them.
  [[nodiscard]] std::vector<NoteVerifier> keys() const;

  // Signs the tree, that of scopes if it is given, and the keys that were erased, and remembers the note durably before
  // it returns it; for those of last(), the remembered note is returned, with its cosignatures. Requires that the tree
  // extends last(). Throws as NoteSigner::sign() does, and as posix_file.h says.
  [[nodiscard]] std::string sign(const TreeHead& tree, const std::optional<Digest<32>>& scopes = {},
                                 const ErasedKeys& erased = {}) const;

  // Signs the tree of scopes. Requires that sign() has just signed the same one, which binds it to the log.
  [[nodiscard]] std::string sign_scopes(const ScopesNote& scopes) const;

  // Adds the cosignatures `lines`, in the form of a note's signatures, to the note of last(), remembers it durably, and
  // returns it: with at most one cosignature of each witness, the one in `lines` or else the one that it had. Has no
  // effect, and returns nullopt, when that is not `note`, a note of this key: another tree was signed since.
  std::optional<std::string> remember_cosigned(std::string_view note, std::string_view lines) const;

  // Replaces the key by `next`, of the same name, which is durable when it returns: both sign the tree, which extends
  // last(), and so say that one follows the other. Only const members may be called afterwards, and none that signs.
  void rotate(const TreeHead& tree, const NoteSigner& next) const;

 private:
  void remember(const std::string& note) const;
  void complete_rotation(const KeyRotation& rotation) const;

  AuditKey(std::filesystem::path directory, PosixFile locked);

  std::filesystem::path directory_;
  PosixFile file_;  // Locked (flock).
  NoteSigner signer_;
};

}  // namespace runledger
