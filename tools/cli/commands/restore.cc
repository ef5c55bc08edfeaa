// `runledger restore`: makes a ledger of a backup, as the successor of the lost one or as a copy beside it.
#include <fmt/format.h>

#include <algorithm>

#include "ledger/backup/restoration.h"
#include "ledger/base/failure.h"
#include "ledger/evidence/audit_key.h"
#include "ledger/log/mark_keeper.h"
#include "ledger/values/json_writer.h"
#include "projections/verify/verify.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/options/mirror_options.h"
#include "tools/cli/restoring/lost_mirror.h"
#include "tools/cli/restoring/outside_evidence.h"
#include "tools/cli/subcommand.h"
#include "tools/cli/trusted_keys.h"

namespace runledger {
namespace {

// What happened, for the report.
struct Outcome {
  LedgerId ledger;
  std::optional<std::string> verifier_key;  // Of a copy, which has a new key.
  OutsideEvidence outside;
  std::optional<Restored> restored;  // Of a successor.
  std::vector<Erased> erased;        // What the backup has, and was erased after it.
  std::vector<SealKeyId> gone;       // The keys that this ledger must not have.
  std::uint64_t unnamed = 0;         // Keys that were erased, although nothing says which.
  Sequence head;                     // With these events.
  bool seals = false;
  bool lacks_seal_keys = false;
};

// What is known of erasures since the backup, and what cannot be.
void note_erasures(const Backup& backup, const Outcome& outcome, std::vector<std::string>& notes) {
  if (!outcome.seals) return;
  const Sequence known_to = outcome.outside.erasures.known_to();
  if (known_to > backup.sequence)
    notes.push_back(
        fmt::format("erasures up to event {} are known, and hold here too: erase again what was erased "
                    "later",
                    known_to.value));
  else
    notes.push_back(
        fmt::format("nothing newer than the backup says what was erased after {}: with keys from before, "
                    "what tenants had written can be read again; erase it again, or restore again with "
                    "--checkpoint, --postgres or a directory that has newer backups",
                    format_time(backup.recorded_at)));
  if (outcome.unnamed != 0)
    notes.push_back(
        fmt::format("{} more keys were erased, but nothing names them: put no seal.keys into the directory "
                    "that may have them, or restore again with checkpoints from before",
                    outcome.unnamed));
  if (outcome.outside.untrusted_checkpoints != 0)
    notes.push_back(
        fmt::format("{} checkpoints in Postgres are signed by no key that the backup has, so what they say "
                    "of erasures does not count here: --key and --rotations lead to newer keys",
                    outcome.outside.untrusted_checkpoints));
}

std::vector<std::string> notes_for(RestoreAs as, const Backup& backup, const Outcome& outcome) {
  std::vector<std::string> notes;
  if (outcome.lacks_seal_keys)
    notes.emplace_back(
        "put seal.keys and the master key of the original into the directory before its first use: without them "
        "nothing that tenants wrote can be read, and their requests are refused");
  note_erasures(backup, outcome, notes);
  if (as == RestoreAs::kCopy) {
    notes.emplace_back(
        "the copy has a new ledger id and a new audit key, and none of the access tokens: issue new ones");
    return notes;
  }
  notes.emplace_back("make sure that the original does not run any more, on whatever machine");
  notes.emplace_back(
      "access tokens are those of the backup: tokens issued since are gone, and tokens revoked since "
      "are in force again: check `runledger token list`");
  if (outcome.outside.mark > backup.sequence)
    notes.push_back(
        fmt::format("events {} to {}, and perhaps more, are lost: their callers were told that they were recorded",
                    backup.sequence.value + 1, outcome.outside.mark.value));
  notes.push_back(
      fmt::format("readers that follow the log by sequence, or a workspace by its numbers, must begin again after the "
                  "backup's last event, {}: later numbers are given out a second time",
                  backup.sequence.value));
  return notes;
}

Store::Options store_options(const Restoration& restoration) {
  Store::Options options;
  options.directory = restoration.aside();
  return options;
}

// Opens the ledger aside for `use`.
template <class Use>
auto with_log(const Restoration& restoration, const Use& use) {
  Store store(store_options(restoration));
  EventLog log(store);
  const MarkKeeper mark(store, log, note_mark_failed);
  return use(log);
}

// Rows without the contents that could not be opened would differ from those that the keys will give.
bool lacks_seal_keys(const Store& store) {
  const bool lacks = store.seal_keys() != nullptr && !store.seal_keys()->has_file();
  if (lacks) store.discard_derived();
  return lacks;
}

class Restore final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "restore",
            .summary = "Makes a ledger of a backup: the successor of a lost one, or a copy beside the original",
            .example =
                "  runledger restore /srv/backups/runs --into /var/lib/runledger/new --as successor \\\n"
                "    --postgres 'host=/run/postgresql dbname=app'\n"
                "  runledger restore /srv/backups/runs --into ./copy --as copy"};
  }

  void declare(Options& options) override {
    options.argument("DIR", "The directory of backups", directory_);
    options.required_value("--into", "PATH", "The new ledger's directory: empty, or not there yet", into_);
    options.required_value("--as", "successor|copy",
                           "successor: the same ledger goes on, and the original must not; copy: another ledger", as_);
    options.value("--backup", "NAME", "The backup to restore (default: the newest)", backup_);
    options.number("--reached", "SEQ", "successor: an event that the lost ledger is known to have had", reached_);
    options.values("--checkpoint", "FILE",
                   "A checkpoint that the lost ledger signed: how far it had come, and what it had erased; may be "
                   "repeated",
                   checkpoints_);
    options.value("--key", "KEY",
                  "The verifier key of --checkpoint, as audit key show prints it; with --postgres, also of checkpoints "
                  "that are stored there",
                  key_);
    options.value("--rotations", "FILE", "The ledger's audit.rotations, which lead from --key to newer keys",
                  rotations_);
    options.value("--seal-keys", "DIR",
                  "The directory with copies of seal.keys, which no backup has, and of seal.master if there is one",
                  seal_keys_);
    mirror_.declare(options);
  }

  ExitStatus run(const Context& context) override {
    require_no_connect(context);
    const RestoreAs as = require_as();
    EvidenceSources sources{.reached = require_number(reached_, "reached", {.min = 1, .max = kCountMax}),
                            .checkpoints = require_checkpoints(),
                            .mirror = mirror_.options()};
    if (as == RestoreAs::kCopy && sources.reached)
      refuse("usage", "expected --reached together with --as successor: the numbers of a copy do not move on");
    const BackupDirectory backups(directory_, BackupDirectory::Purpose::kRead);
    const Backup backup = choose(backups);
    if (sources.mirror) sources.mirror_keys = mirror_keys(backups, backup);
    sources.backups = others(backups, backup);
    Restoration restoration(backups, backup, into_, as);
    Outcome outcome = extend(restoration, backup, as, sources);
    if (seal_keys_) take_seal_keys(restoration, outcome);
    check(context, restoration, backup, outcome);
    if (as == RestoreAs::kCopy)
      outcome.verifier_key =
          create_audit_key(restoration.aside(), "runledger/" + format_uuid(outcome.ledger.value)).verifier().format();
    restoration.finish();
    print(context, as, backup, outcome);
    return ExitStatus::kDone;
  }

 private:
  [[nodiscard]] RestoreAs require_as() const {
    if (as_ == "successor") return RestoreAs::kSuccessor;
    if (as_ == "copy") return RestoreAs::kCopy;
    refuse("as.invalid", fmt::format("expected --as successor or --as copy, found \"{}\"", as_));
  }

  [[nodiscard]] std::vector<Checkpoint> require_checkpoints() const {
    if (!checkpoints_.empty() && !key_) refuse("usage", "expected --checkpoint and --key together");
    if (checkpoints_.empty() && key_ && !mirror_.options())
      refuse("usage", "expected --checkpoint or --postgres together with --key");
    if (rotations_ && !key_) refuse("usage", "expected --key together with --rotations");
    std::vector<Checkpoint> checkpoints;
    if (checkpoints_.empty()) return checkpoints;
    const std::vector<NoteVerifier> keys = require_trusted_keys(*key_, rotations_);
    for (const std::string& file : checkpoints_)
      checkpoints.push_back(require_sound(open_checkpoint(require_file(file, "checkpoint", kNoteBytesMax), keys)));
    return checkpoints;
  }

  [[nodiscard]] Backup choose(const BackupDirectory& backups) const {
    const BackupDirectory::Listed listed = backups.list();
    if (!backup_) require_newest_whole(listed);
    if (!backup_ && !listed.backups.empty()) return listed.backups.back();
    for (const Backup& backup : listed.backups) {
      if (backup.name == backup_) return backup;
    }
    refuse("backup.not_found", fmt::format("expected {} in {}, found {} backups", backup_ ? *backup_ : "a backup",
                                           directory_, listed.backups.size()));
  }

  // An older backup loses more events, which the user has to choose.
  void require_newest_whole(const BackupDirectory::Listed& listed) const {
    if (listed.damaged.empty()) return;
    const std::string whole = listed.backups.empty() ? std::string() : listed.backups.back().name;
    if (listed.damaged.back() < whole) return;
    throw Failure(
        Remedy::kDamageFound, "backup.damaged",
        fmt::format("expected the newest backup in {} to be whole, found {} without a description that can be "
                    "read: {}",
                    directory_, listed.damaged.back(),
                    whole.empty() ? "none there is whole" : "name an older one, such as --backup " + whole));
  }

  // The keys that may have signed what is stored in Postgres: those of the ledger when it was backed up, and those that
  // were given.
  [[nodiscard]] std::vector<NoteVerifier> mirror_keys(const BackupDirectory& backups, const Backup& backup) const {
    std::vector<NoteVerifier> keys = audit_keys(backups.path() / backup.name);
    if (!key_) return keys;
    for (const NoteVerifier& key : require_trusted_keys(*key_, rotations_)) keys.push_back(key);
    return keys;
  }

  static std::vector<Backup> others(const BackupDirectory& backups, const Backup& chosen) {
    std::vector<Backup> others = backups.list().backups;
    std::erase_if(others, [&chosen](const Backup& each) { return each.name == chosen.name; });
    return others;
  }

  // Appends to the ledger aside what is known from outside. It has no keys of tenants yet: they come only when it says
  // which of them were erased.
  static Outcome extend(const Restoration& restoration, const Backup& backup, RestoreAs as,
                        const EvidenceSources& sources) {
    Outcome outcome;
    outcome.outside = with_log(restoration, [&](EventLog& log) {
      require_restored(log, backup);
      return gather_evidence(log, sources);
    });
    if (as == RestoreAs::kCopy) Store(store_options(restoration)).become(LedgerId{random_uuid()});
    with_log(restoration, [&](EventLog& log) {
      const Time now = SystemClock().now();
      const std::uint64_t held = all_erased_keys(LedgerEvents::stored_in(log.store()), log.last()).size();
      if (as == RestoreAs::kSuccessor)
        outcome.restored = append_restored(log, backup, outcome.outside.mark, this_user(), now);
      outcome.unnamed = outcome.outside.erasures.unnamed(held);
      outcome.erased = append_erasures(log, outcome.outside.erasures, this_user(), now);
      outcome.gone = all_erased_keys(LedgerEvents::stored_in(log.store()), log.last());
      for (const SealKeyId& key : outcome.outside.erasures.keys()) outcome.gone.push_back(key);
      outcome.ledger = log.store().ledger_id();
      outcome.head = log.last();
    });
    return outcome;
  }

  // A key that was erased, although nothing says so, would make readable what must not be.
  void take_seal_keys(const Restoration& restoration, const Outcome& outcome) const {
    if (outcome.unnamed != 0)
      refuse("erasure.unnamed",
             fmt::format("expected to know each key that was erased since the backup, found {} that nothing names: add "
                         "--checkpoint with checkpoints from before, or leave out --seal-keys",
                         outcome.unnamed));
    restoration.take_seal_keys(*seal_keys_, outcome.gone);
  }

  // Checks the ledger aside as `verify` does.
  static void check(const Context& context, const Restoration& restoration, const Backup& backup, Outcome& outcome) {
    with_log(restoration, [&](EventLog& log) {
      const VerifyReport report = verify_ledger(log, progress_bar(context, "verifying"));
      if (!report.ok()) {
        const Finding& first = report.findings.front();
        throw Failure(Remedy::kDamageFound, "backup.damaged",
                      fmt::format("expected backup {} to be sound, found {} findings: {}: {}; restore an earlier one",
                                  backup.name, report.findings_total, first.code, first.detail));
      }
      outcome.seals = log.store().seal_keys() != nullptr;
      outcome.lacks_seal_keys = lacks_seal_keys(log.store());
    });
  }

  void print(const Context& context, RestoreAs as, const Backup& backup, const Outcome& outcome) const {
    const std::vector<std::string> notes = notes_for(as, backup, outcome);
    // A copy has nothing to do with the mirror of the original.
    const std::optional<MirrorMark> mirror = as == RestoreAs::kCopy ? std::nullopt : outcome.outside.mirror;
    std::vector<std::string> steps;
    if (mirror) steps = steps_for(into_, backup.ledger_id, backup.sequence, *mirror);
    if (context.json()) return print_json(context, backup, outcome, notes, mirror, steps);
    context.out.line(fmt::format("restored {} events of backup {} into {}, {} ledger {}", backup.sequence.value,
                                 backup.name, into_, as == RestoreAs::kCopy ? "as a new" : "as the successor of",
                                 format_uuid(outcome.ledger.value)));
    if (outcome.verifier_key) context.out.line("its checkpoints are verified with the key " + *outcome.verifier_key);
    for (const Erased& erased : outcome.erased)
      context.out.line(fmt::format("erased again what {}/{} had written: {}", erased.scope.workspace.str(),
                                   erased.scope.tenant.value().str(), erased.reason.str()));
    for (const std::string& note : notes) context.out.line("note: " + note);
    if (mirror) context.out.line("its mirror is in schema " + mirror->schema);
    if (mirror && !mirror->code.empty())
      context.out.line(fmt::format("{}: {}", mirror->code, sanitize(mirror->what).str()));
    for (std::size_t i = 0; i < steps.size(); ++i) context.out.line(fmt::format("  {}. {}", i + 1, steps[i]));
  }

  void print_json(const Context& context, const Backup& backup, const Outcome& outcome,
                  const std::vector<std::string>& notes, const std::optional<MirrorMark>& mirror,
                  const std::vector<std::string>& steps) const {
    JsonWriter json;
    json.begin_object().member("backup", backup.name).member("data", into_).member("as", as_);
    json.member("ledger_id", format_uuid(outcome.ledger.value)).member("verifier_key", outcome.verifier_key);
    json.member("sequence", backup.sequence.value).member("root", format_hex(bytes_of(backup.root)));
    json.member("head", outcome.head.value).member("outside_mark", outcome.outside.mark.value);
    json.member("scope_numbers_skipped", outcome.restored ? std::optional(outcome.restored->skipped) : std::nullopt);
    print_erasures(outcome, json);
    json.key("notes").begin_array();
    for (const std::string& note : notes) json.text(note);
    json.end_array().key("mirror");
    if (!mirror) {
      json.null();
    } else {
      json.begin_object().member("schema", mirror->schema).member("checkpoint", mirror->checkpoint.value);
      json.member("signed_size", mirror->signed_size.value);
      json.member("code", mirror->code.empty() ? std::nullopt : std::optional(mirror->code));
      json.key("steps").begin_array();
      for (const std::string& step : steps) json.text(step);
      json.end_array().end_object();
    }
    context.out.line(json.end_object().take());
  }

  static void print_erasures(const Outcome& outcome, JsonWriter& json) {
    json.key("erasures").begin_array();
    for (const Erased& erased : outcome.erased) {
      json.begin_object().member("workspace_id", erased.scope.workspace).member("tenant_id", erased.scope.tenant);
      json.member("reason", erased.reason.str()).end_object();
    }
    json.end_array().member("erasures_known_to", outcome.outside.erasures.known_to().value);
    json.member("erased_keys_unnamed", outcome.unnamed);
  }

  std::string directory_;
  std::string into_;
  std::string as_;
  Typed backup_;
  Typed reached_;
  std::vector<std::string> checkpoints_;
  Typed key_;
  Typed rotations_;
  Typed seal_keys_;
  TypedMirror mirror_;
};

}  // namespace

std::unique_ptr<Subcommand> make_restore() {
  return std::make_unique<Restore>();
}

}  // namespace runledger
