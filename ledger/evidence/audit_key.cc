// The lock is on the file of the key itself, which is never replaced.
#include "ledger/evidence/audit_key.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "ledger/base/failure.h"
#include "ledger/log/store/data_directory.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAuditKeyFile = "audit.key";
constexpr const char* kLastCheckpointFile = "audit.checkpoint";

[[noreturn]] void throw_key_damaged(const fs::path& path, std::string_view expected) {
  throw Failure(Remedy::kDamageFound, "audit_key.damaged",
                fmt::format("expected {} in {}, found something else", expected, path.string()));
}

// Root may sign beside a daemon that runs as another user.
void give_to_ledger_owner(const PosixFile& file, const fs::path& directory) {
  if (::geteuid() != 0) return;
  const LedgerOwner owner = owner_of_ledger(directory);
  if (::fchown(file.handle(), owner.user, owner.group) != 0) throw_errno("give away a file in", directory);
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

PosixFile lock_audit_key(const fs::path& directory) {
  PosixFile file = open_audit_key(directory);
  if (::flock(file.handle(), LOCK_EX) != 0) throw_errno("lock", directory / kAuditKeyFile);
  return file;
}

std::optional<std::string> read_last_note(const fs::path& directory) {
  const PosixFile file = open_own(directory / kLastCheckpointFile, O_RDONLY | O_CLOEXEC, FileAccess::kAny);
  if (!file.is_open() && errno == ENOENT) return std::nullopt;
  file.require("open");
  return file.read_all();
}

NoteSigner read_signer(const PosixFile& file, const fs::path& path) {
  std::string text = file.read_all();
  if (text.ends_with('\n')) text.pop_back();
  std::optional<NoteSigner> signer = NoteSigner::parse(text);
  if (!signer) throw_key_damaged(path, "a key that signs notes");
  return *std::move(signer);
}

std::optional<Checkpoint> read_last_checkpoint(const fs::path& directory, const NoteSigner& signer) {
  const std::optional<std::string> note = read_last_note(directory);
  if (!note) return std::nullopt;
  const Result<Checkpoint> checkpoint = open_checkpoint(*note, signer.verifier());
  if (!checkpoint) throw_key_damaged(directory / kLastCheckpointFile, "the last checkpoint that this key signed");
  return *checkpoint;
}

}  // namespace

NoteSigner create_audit_key(const fs::path& directory, const std::string& name) {
  require_owner(directory);
  const fs::path path = directory / kAuditKeyFile;
  const PosixFile file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (!file.is_open() && errno == EEXIST)
    throw Failure(Remedy::kCorrectInput, "audit_key.exists",
                  fmt::format("expected no audit key in {}, found one", path.string()));
  file.require("make");
  NoteSigner signer{name, Ed25519Key::random()};
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

AuditKey::AuditKey(fs::path directory, PosixFile locked)
    : directory_(std::move(directory)),
      file_(std::move(locked)),
      signer_(read_signer(file_, directory_ / kAuditKeyFile)) {}

AuditKey::AuditKey(fs::path directory) : AuditKey(directory, lock_audit_key(directory)) {}

std::optional<AuditKey> AuditKey::if_free(fs::path directory) {
  PosixFile file = open_audit_key(directory);
  if (::flock(file.handle(), LOCK_EX | LOCK_NB) == 0) return AuditKey(std::move(directory), std::move(file));
  if (errno == EWOULDBLOCK) return std::nullopt;
  throw_errno("lock", directory / kAuditKeyFile);
}

std::optional<Checkpoint> AuditKey::last() const {
  return read_last_checkpoint(directory_, signer_);
}

std::string AuditKey::sign(const TreeHead& tree) const {
  std::string note = sign_checkpoint(tree, signer_);
  if (read_last_note(directory_) == note) return note;
  replace_own(directory_ / kLastCheckpointFile, note,
              [this](const PosixFile& made) { give_to_ledger_owner(made, directory_); });
  return note;
}

}  // namespace runledger
