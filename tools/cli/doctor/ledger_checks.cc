// Looks at files; opens no ledger.
#include "tools/cli/doctor/ledger_checks.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <system_error>

#include "clients/cpp/tls_files.h"
#include "ledger/backup/backup_directory.h"
#include "ledger/base/failure.h"
#include "ledger/evidence/audit_key.h"
#include "ledger/log/mark.h"
#include "ledger/log/store/data_directory.h"
#include "ledger/log/store/ledger_files.h"
#include "tools/cli/verified_file.h"
#include "tools/daemon/access/token_store.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

constexpr Duration kExpirySoon = std::chrono::hours(14 * 24);
constexpr Duration kCheckpointAgeMax = std::chrono::hours(24);
constexpr Duration kVerifyAgeMax = std::chrono::hours(7 * 24);

std::string age_text(Duration age) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(age).count();
  if (minutes < 120) return fmt::format("{} minutes ago", std::max<std::int64_t>(minutes, 0));
  if (minutes < 48 * 60) return fmt::format("{} hours ago", minutes / 60);
  return fmt::format("{} days ago", minutes / 60 / 24);
}

std::optional<struct stat> status_of(const fs::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return {};
  return status;
}

// Returns what is wrong with the file or directory; empty when nothing is.
std::string wrong_with(const fs::path& path, uid_t owner, mode_t closed) {
  const std::optional<struct stat> status = status_of(path);
  if (!status) return {};
  if ((status->st_mode & closed) != 0)
    return fmt::format("{} has mode {:04o}", path.string(), status->st_mode & 07777U);
  if (status->st_uid != owner) return fmt::format("{} belongs to user {}", path.string(), status->st_uid);
  return {};
}

}  // namespace

Check check_modes(const fs::path& ledger) {
  constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
  const uid_t owner = owner_of_ledger(ledger).user;
  std::string wrong;
  const auto add = [&wrong](const std::string& found) {
    if (!found.empty()) wrong += (wrong.empty() ? "" : "; ") + found;
  };
  const std::optional<struct stat> directory = status_of(ledger);
  if (directory && (directory->st_mode & S_IWOTH) != 0) add(ledger.string() + " may be written to by every user");
  add(wrong_with(ledger / "store", owner, kOthers));
  for (const LedgerFile& file : kLedgerFiles) {
    if (file.is_secret) add(wrong_with(ledger / file.name, owner, kOthers));
  }
  if (wrong.empty()) return ok("modes", fmt::format("the ledger and its keys are for user {} only", owner));
  return problem("modes", "doctor.modes_open", wrong,
                 "chmod 700 the directories, chmod 600 the files, chown them to the ledger's user; then find out who "
                 "could have read them");
}

Check check_tokens(const fs::path& ledger, Time now) {
  std::size_t all = 0;
  std::string soon;
  try {
    for (const AccessToken& token : TokenStore(ledger).list()) {
      if (!token.expires_at || *token.expires_at > now) ++all;
      if (!token.expires_at || *token.expires_at <= now || *token.expires_at - now > kExpirySoon) continue;
      soon += fmt::format("{}{} ends {}", soon.empty() ? "" : "; ", token.name.value_or(format_uuid(token.id.value)),
                          format_time(*token.expires_at));
    }
  } catch (const Failure& failure) {
    return problem("tokens", failure.code(), failure.what(), "mend access-tokens, or issue new tokens");
  }
  if (soon.empty()) return ok("tokens", fmt::format("{} in force, none ends within two weeks", all));
  return problem("tokens", "doctor.token_expires", soon, "runledger token rotate ID");
}

Check check_certificate(const std::optional<std::string>& certificate, const std::optional<std::string>& key,
                        Time now) {
  if (!certificate) return unchecked("certificate", "none was named", "--tls-cert FILE --tls-key FILE");
  const TlsFiles files{.certificate = *certificate, .key = key.value_or(""), .authorities = {}};
  try {
    const TlsIdentity identity = read_tls(files);
    require_in_force(files, identity, now);
    const std::string ends = "in force until " + format_time(identity.ends_at);
    if (identity.ends_at - now > kExpirySoon) return ok("certificate", ends);
    return problem("certificate", "doctor.certificate_expires", ends, "renew it, and reload the daemon (SIGHUP)");
  } catch (const Failure& failure) {
    return problem("certificate", failure.code(), failure.what(), "name the right files, or renew the certificate");
  }
}

Check check_backup(const std::optional<std::string>& directory, const fs::path& ledger, Duration age_max, Time now) {
  if (!directory) return unchecked("backup", "no directory was named", "--backup-dir DIR");
  try {
    const BackupDirectory::Listed listed = BackupDirectory(*directory, BackupDirectory::Purpose::kRead).list();
    if (!listed.damaged.empty())
      return problem("backup", "backup.damaged", fmt::format("{} cannot be read", listed.damaged.front()),
                     "check the disk of the backups; restore none of these");
    if (listed.backups.empty())
      return problem("backup", "doctor.backup_old", "none was ever made", "runledger backup DIR");
    const Backup& last = listed.backups.back();
    const std::string found =
        fmt::format("{} with {} events, {}", last.name, last.sequence.value, age_text(now - last.made_at));
    if (now - last.made_at <= age_max) return ok("backup", found);
    return problem("backup", "doctor.backup_old", found, "see why none was made since: backup-failed in the log");
  } catch (const Failure& failure) {
    if (failure.code() == "backup.busy") return ok("backup", "one is being made now");
    return problem("backup", failure.code(), failure.what(),
                   fmt::format("runledger --data {} backup DIR", ledger.string()));
  }
}

Check check_checkpoint(const fs::path& ledger, Time now) {
  if (!has_audit_key(ledger))
    return unchecked("checkpoint", "the ledger has no audit key", "runledger audit key create");
  try {
    const std::optional<Checkpoint> last = last_checkpoint(ledger);
    const std::optional<Time> at = last_signed_at(ledger);
    const std::uint64_t events = marked_end(ledger).value;
    const std::uint64_t covered = last ? last->tree.size : 0;
    const std::string found =
        last && at ? fmt::format("{} of {} events, signed {}", std::min(covered, events), events, age_text(now - *at))
                   : fmt::format("none was ever signed of {} events", events);
    if (events <= covered || (at && now - *at <= kCheckpointAgeMax)) return ok("checkpoint", found);
    return problem("checkpoint", "doctor.checkpoint_old", found,
                   "runledger checkpoint -o FILE in a timer, and keep FILE on another machine");
  } catch (const Failure& failure) {
    return problem("checkpoint", failure.code(), failure.what(), "look up the code in docs/codes.md");
  }
}

Check check_checkpoint_file(const std::optional<std::string>& file, const fs::path& ledger, Time now) {
  constexpr std::string_view kName = "checkpoint-file";
  if (!file) return unchecked(kName, "no file was named", "--checkpoint-file FILE");
  try {
    const std::optional<Checkpoint> last = last_checkpoint(ledger);
    const NamedFile named(*file);
    const auto note = named.trouble.empty() ? named.file.read_up_to(kNoteBytesMax) : std::nullopt;
    if (!note)
      return problem(kName, "doctor.checkpoint_not_handed_out",
                     fmt::format("{}: {}", *file, named.trouble.empty() ? "cannot be read" : named.trouble),
                     "serve --checkpoint-file FILE; checkpoint-file-failed in its log says what keeps it");
    const std::vector<NoteVerifier> keys = audit_keys(ledger);
    const Result<Checkpoint> there =
        keys.empty() ? Result<Checkpoint>(reject("audit_key.missing", "the ledger has no audit key"))
                     : open_checkpoint(*note, keys);
    if (!there)
      return problem(kName, there.rejection().code, there.rejection().detail.str(),
                     "name the file of this ledger, or remove what else is in its place");
    const Duration age = now - Time{named.status.st_mtim.tv_sec * kMicrosecondsPerSecond};
    const std::string found = fmt::format("{} events, written {}", there->tree.size, age_text(age));
    if (!last || there->tree.size >= last->tree.size || age <= kHandedOutWithin) return ok(kName, found);
    return problem(kName, "doctor.checkpoint_not_handed_out",
                   fmt::format("{}; {} events are signed since", found, last->tree.size - there->tree.size),
                   "see why in the daemon's log: checkpoint-file-failed");
  } catch (const Failure& failure) {
    return problem(kName, failure.code(), failure.what(), "look up the code in docs/codes.md");
  }
}

Check check_signer(const fs::path& ledger) {
  constexpr std::string_view kName = "signer";
  try {
    if (!has_audit_key(ledger)) return ok(kName, "the ledger has no audit key");
    const NoteSigner signer = read_audit_key(ledger);
    const auto* command = std::get_if<SigningCommand>(&signer.key);
    if (command == nullptr) return ok(kName, "the audit key is in the ledger's directory");
    command->require_signing();
    return ok(kName, fmt::format("`{}` signs", command->command));
  } catch (const Failure& failure) {
    return problem(kName, failure.code(), failure.what(), "mend the command, or rotate to another: audit key rotate");
  }
}

Check check_verified(const fs::path& ledger, Time now) {
  const std::optional<Verified> verified = read_verified(ledger);
  if (!verified)
    return problem("verify", "doctor.verify_old", "it was never verified", "runledger verify in a timer, nightly");
  const std::string found =
      fmt::format("sound up to event {}, {}", verified->sequence.value, age_text(now - verified->at));
  if (now - verified->at <= kVerifyAgeMax) return ok("verify", found);
  return problem("verify", "doctor.verify_old", found, "runledger verify in a timer, nightly");
}

}  // namespace runledger
