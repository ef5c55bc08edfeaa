// The lock is on the file of the key itself. A rotation replaces that file, so who gets the lock looks whether it is
// still the one in place.
//
// A rotation writes the next key, then the rotation that both keys have signed, then the checkpoint, and then puts the
// next key in place. A crash in between leaves the next key there; whoever locks the key next goes on from the
// rotation, or removes the next key if no rotation leads to it.
#include "ledger/evidence/audit_key.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "ledger/base/assert.h"
#include "ledger/base/failure.h"
#include "ledger/evidence/cosignature.h"
#include "ledger/evidence/key_rotation.h"
#include "ledger/log/store/data_directory.h"
#include "ledger/log/store/ledger_files.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAuditKeyFile = "audit.key";
constexpr const char* kRotationsFile = "audit.rotations";
constexpr const char* kNextKeyFile = "audit.key.next";

[[noreturn]] void throw_key_damaged(const fs::path& path, std::string_view expected) {
  throw Failure(Remedy::kDamageFound, "audit_key.damaged",
                fmt::format("expected {} in {}, found something else", expected, path.string()));
}

PosixFile open_audit_key(const fs::path& directory) {
  const fs::path path = directory / kAuditKeyFile;
  PosixFile file = open_own(path, O_RDONLY | O_CLOEXEC, FileAccess::kOwnerOnly);
  if (!file.is_open() && errno == ENOENT)
    throw Failure(
        Remedy::kCorrectInput, "audit_key.missing",
        fmt::format("expected the ledger's audit key in {}, found none: `runledger audit key create` makes it",
                    path.string()));
  file.require("open");
  return file;
}

// Whether `file` is still the one of that name: a rotation replaces it.
bool is_in_place(const PosixFile& file, const fs::path& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(file.handle(), &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
         opened.st_dev == named.st_dev;
}

// Returns nullopt when another process has locked it and `flags` have LOCK_NB.
std::optional<PosixFile> lock_audit_key(const fs::path& directory, int flags) {
  for (;;) {
    PosixFile file = open_audit_key(directory);
    if (::flock(file.handle(), LOCK_EX | flags) != 0) {
      if (errno == EWOULDBLOCK) return std::nullopt;
      throw_errno("lock", directory / kAuditKeyFile);
    }
    if (is_in_place(file, directory / kAuditKeyFile)) return file;
  }
}

std::string read_if_there(const fs::path& path, FileAccess access) {
  const PosixFile file = open_own(path, O_RDONLY | O_CLOEXEC, access);
  if (!file.is_open() && errno == ENOENT) return {};
  file.require("open");
  return file.read_all();
}

std::vector<KeyRotation> read_rotations(const fs::path& directory) {
  Result<std::vector<KeyRotation>> rotations =
      open_rotations(read_if_there(directory / kRotationsFile, FileAccess::kAny));
  if (!rotations) throw_key_damaged(directory / kRotationsFile, "the rotations of the audit key");
  return *std::move(rotations);
}

void replace_evidence(const fs::path& directory, const char* file, std::string_view bytes) {
  // Root may sign beside a daemon that runs as another user.
  replace_own(directory / file, bytes, [&](const PosixFile& made) { give_to_owner(made, directory); });
}

std::optional<std::string> read_last_note(const fs::path& directory) {
  std::string note = read_if_there(directory / kCheckpointFile, FileAccess::kAny);
  if (note.empty()) return std::nullopt;
  return note;
}

NoteSigner read_signer(const PosixFile& file, const fs::path& path) {
  std::string text = file.read_all();
  if (text.ends_with('\n')) text.pop_back();
  std::optional<NoteSigner> signer = NoteSigner::parse(text);
  if (!signer) throw_key_damaged(path, "a key that signs notes");
  struct stat status {};
  if (::fstat(file.handle(), &status) != 0) throw_errno("look at", path);
  if (auto* command = std::get_if<SigningCommand>(&signer->key)) command->owner = status.st_uid;
  return *std::move(signer);
}

// The next key in the text of its file; absent when the text holds none.
std::optional<NoteSigner> next_signer(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  return NoteSigner::parse(text);
}

std::optional<Checkpoint> read_last_checkpoint(const fs::path& directory, const NoteSigner& signer) {
  const std::optional<std::string> note = read_last_note(directory);
  if (!note) return std::nullopt;
  const Result<Checkpoint> checkpoint = open_checkpoint(*note, signer.verifier());
  if (!checkpoint) throw_key_damaged(directory / kCheckpointFile, "the last checkpoint that this key signed");
  return *checkpoint;
}

}  // namespace

NoteSigner create_audit_key(const fs::path& directory, const std::string& name) {
  return create_audit_key(directory, NoteSigner{name, Ed25519Key::random()});
}

NoteSigner create_audit_key(const fs::path& directory, NoteSigner signer) {
  require_owner(directory);
  const fs::path path = directory / kAuditKeyFile;
  const PosixFile file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (!file.is_open() && errno == EEXIST)
    throw Failure(Remedy::kCorrectInput, "audit_key.exists",
                  fmt::format("expected no audit key in {}, found one", path.string()));
  file.require("make");
  file.write(signer.format() + "\n");
  file.sync();
  sync_directory(directory);
  return signer;
}

bool has_audit_key(const fs::path& directory) {
  std::error_code ignored;
  return fs::exists(directory / kAuditKeyFile, ignored);
}

NoteSigner read_audit_key(const fs::path& directory) {
  return read_signer(open_audit_key(directory), directory / kAuditKeyFile);
}

std::optional<Checkpoint> last_checkpoint(const fs::path& directory) {
  if (!has_audit_key(directory)) return std::nullopt;
  return read_last_checkpoint(directory, read_audit_key(directory));
}

std::optional<std::string> last_note(const fs::path& directory) {
  return has_audit_key(directory) ? read_last_note(directory) : std::nullopt;
}

std::optional<Time> last_signed_at(const fs::path& directory) {
  struct stat status {};
  if (::lstat((directory / kCheckpointFile).c_str(), &status) != 0) return std::nullopt;
  return Time{static_cast<std::int64_t>(status.st_mtim.tv_sec) * kMicrosecondsPerSecond +
              status.st_mtim.tv_nsec / 1000};
}

AuditKey::AuditKey(fs::path directory, PosixFile locked)
    : directory_(std::move(directory)),
      file_(std::move(locked)),
      signer_(read_signer(file_, directory_ / kAuditKeyFile)) {
  const std::string next = read_if_there(directory_ / kNextKeyFile, FileAccess::kOwnerOnly);
  if (next.empty()) return;
  const std::vector<KeyRotation> rotations = read_rotations(directory_);
  const std::optional<NoteSigner> signer = next_signer(next);
  if (signer && !rotations.empty() && rotations.back().to == signer->verifier()) {
    complete_rotation(rotations.back());
    file_ = *lock_audit_key(directory_, 0);
    signer_ = read_signer(file_, directory_ / kAuditKeyFile);
  } else if (::unlink((directory_ / kNextKeyFile).c_str()) != 0) {
    throw_errno("remove", directory_ / kNextKeyFile);
  }
}

AuditKey::AuditKey(fs::path directory) : AuditKey(directory, *lock_audit_key(directory, 0)) {}

// The checkpoint comes first: both keys have signed it, so the ledger is whole whichever is in place.
void AuditKey::complete_rotation(const KeyRotation& rotation) const {
  remember(rotation.note);
  const fs::path path = directory_ / kAuditKeyFile;
  if (std::rename((directory_ / kNextKeyFile).c_str(), path.c_str()) != 0) throw_errno("replace", path);
  sync_directory(directory_);
}

void AuditKey::rotate(const TreeHead& tree, const NoteSigner& next) const {
  const std::string before = read_if_there(directory_ / kRotationsFile, FileAccess::kAny);
  const std::vector<KeyRotation> rotations = read_rotations(directory_);
  if (!rotations.empty() && rotations.back().to != signer_.verifier())
    throw_key_damaged(directory_ / kRotationsFile, "rotations that lead to the key in " + std::string(kAuditKeyFile));
  const std::string note = sign_rotation(tree, signer_, next);
  replace_evidence(directory_, kNextKeyFile, next.format() + "\n");
  replace_evidence(directory_, kRotationsFile, with_rotation(before, note));
  complete_rotation({signer_.verifier(), next.verifier(), {}, note});
}

std::vector<NoteVerifier> audit_keys(const fs::path& directory) {
  if (!has_audit_key(directory)) return {};
  const NoteVerifier current = read_audit_key(directory).verifier();
  return keys_before(read_rotations(directory), current);
}

void copy_audit_key(const fs::path& from, const fs::path& to, Sequence events) {
  if (!has_audit_key(from)) return;
  const auto copy = [&](const char* name, const std::string& text) {
    if (!text.empty()) replace_own(to / name, text);
  };
  const std::string rotations = read_if_there(from / kRotationsFile, FileAccess::kAny);
  const std::string next = read_if_there(from / kNextKeyFile, FileAccess::kOwnerOnly);
  const std::vector<KeyRotation> links = read_rotations(from);
  const std::optional<NoteSigner> signer = next_signer(next);
  const bool is_rotated = signer && !links.empty() && links.back().to == signer->verifier();
  copy(kAuditKeyFile, is_rotated ? next : open_audit_key(from).read_all());
  copy(kRotationsFile, rotations);
  const std::optional<Checkpoint> last = is_rotated ? std::nullopt : last_checkpoint(from);
  if (last && last->tree.size <= events.value) copy(kCheckpointFile, read_last_note(from).value());
}

std::optional<AuditKey> AuditKey::if_free(fs::path directory) {
  std::optional<PosixFile> file = lock_audit_key(directory, LOCK_NB);
  if (!file) return std::nullopt;
  return AuditKey(std::move(directory), *std::move(file));
}

std::optional<Checkpoint> AuditKey::last() const {
  return read_last_checkpoint(directory_, signer_);
}

Time AuditKey::last_signed_at() const {
  const std::optional<Time> at = runledger::last_signed_at(directory_);
  RUNLEDGER_ASSERT(at);
  return *at;
}

std::vector<NoteVerifier> AuditKey::keys() const {
  return keys_before(read_rotations(directory_), signer_.verifier());
}

std::string AuditKey::sign(const TreeHead& tree, const std::optional<Digest<32>>& scopes,
                           const ErasedKeys& erased) const {
  // A command is not asked a second time for what it has signed.
  const std::string text = checkpoint_text(tree, signer_.name, scopes, erased) + "\n";
  std::optional<std::string> last = read_last_note(directory_);
  if (last && last->starts_with(text) && open_checkpoint(*last, signer_.verifier())) return *std::move(last);
  std::string note = sign_checkpoint(tree, signer_, scopes, erased);
  remember(note);
  return note;
}

std::string AuditKey::sign_scopes(const ScopesNote& scopes) const {
  return runledger::sign_scopes(scopes, signer_);
}

std::optional<std::string> AuditKey::remember_cosigned(std::string_view note, std::string_view lines) const {
  const std::optional<std::string> last = read_last_note(directory_);
  // Equal texts have equal signatures, so a note and its cosigned form begin in the same way.
  const std::string_view own = note.substr(0, note.size() - cosignatures_of(note).size());
  if (!last || !last->starts_with(own)) return std::nullopt;
  std::string merged = with_cosignatures(*last, lines);
  const fs::path path = directory_ / kCheckpointFile;
  struct stat before {};
  const bool has_time = ::stat(path.c_str(), &before) == 0;
  remember(merged);
  // The file keeps the time of the ledger's signature. That it could not is no reason to lose a cosignature.
  const struct timespec times[] = {before.st_atim, before.st_mtim};
  if (has_time) (void)::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW);
  return merged;
}

void AuditKey::remember(const std::string& note) const {
  replace_evidence(directory_, kCheckpointFile, note);
}

}  // namespace runledger
