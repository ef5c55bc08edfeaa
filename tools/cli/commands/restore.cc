// `runledger restore`: makes a ledger of a backup, as the successor of the lost one or as a copy beside it.
#include <fmt/format.h>

#include <algorithm>

#include "ledger/backup/restoration.h"
#include "ledger/base/failure.h"
#include "ledger/evidence/prover.h"
#include "ledger/log/mark_keeper.h"
#include "ledger/values/json_writer.h"
#include "projections/postgres/mirror_mark.h"
#include "projections/verify/verify.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/options/mirror_options.h"
#include "tools/cli/output/pasteable.h"
#include "tools/cli/subcommand.h"
#include "tools/cli/trusted_keys.h"

namespace runledger {
namespace {

// What happened, for the report.
struct Outcome {
  LedgerId ledger;
  std::optional<std::string> verifier_key;  // Of a copy, which has a new key.
  Sequence outside_mark;                    // Zero: nothing outside of the backup was asked.
  std::optional<Restored> restored;         // Of a successor.
  Sequence head;                            // With that event.
  std::optional<MirrorMark> mirror;
  bool lacks_seal_keys = false;
};

std::vector<std::string> notes_for(RestoreAs as, const Backup& backup, const Outcome& outcome) {
  std::vector<std::string> notes;
  if (outcome.lacks_seal_keys)
    notes.emplace_back(
        "put seal.keys and the master key of the original into the directory before its first use: without them "
        "nothing that tenants wrote can be read, and their requests are refused");
  if (as == RestoreAs::kCopy) {
    notes.emplace_back(
        "the copy has a new ledger id and a new audit key, and none of the access tokens: issue new ones");
    return notes;
  }
  notes.emplace_back("make sure that the original does not run any more, on whatever machine");
  notes.emplace_back(
      "access tokens are those of the backup: tokens issued since are gone, and tokens revoked since "
      "are in force again: check `runledger token list`");
  if (outcome.outside_mark > backup.sequence)
    notes.push_back(
        fmt::format("events {} to {}, and perhaps more, are lost: their callers were told that they were recorded",
                    backup.sequence.value + 1, outcome.outside_mark.value));
  notes.push_back(
      fmt::format("readers that follow the log by sequence, or a workspace by its numbers, must begin again after the "
                  "backup's last event, {}: later numbers are given out a second time",
                  backup.sequence.value));
  return notes;
}

std::string psql(const std::string& statement) {
  return "psql \"$DSN\" -c " + shell_word(statement);
}

// The steps to a mirror that goes on, when it is of lost events.
std::vector<std::string> mirror_steps(const std::string& into, const std::string& schema) {
  const std::string named = sql_name(schema);
  const std::string drop = fmt::format(
      "drop table {0}.operation_runs, {0}.operation_run_attempts, {0}.ledger_projections, {0}.ledger_migrations "
      "cascade",
      named);
  const auto command = [&](std::string_view what) {
    return fmt::format("runledger --data {} {} --postgres \"$DSN\" --schema {}", shell_word(into), what,
                       shell_word(schema));
  };
  return {
      "look for a newer copy or backup of the ledger first: the mirror shows rows of events that this one does not "
      "have",
      "to go on without these events, drop the mirror's tables: " + psql(drop),
      "make the mirror again: " + command("project --once"), "check it: " + command("verify")};
}

// The way out when the database cannot be gone on with. The DSN may hold a password, so the steps do not repeat it.
std::vector<std::string> steps_for(const std::string& into, const Backup& backup, const MirrorMark& mirror) {
  std::vector<std::string> steps;
  if (mirror.code == "mirror.other_ledger")
    steps.emplace_back("check the DSN: the database holds the mirror of another ledger, which was not touched");
  else if (!mirror.code.empty())
    steps = mirror_steps(into, mirror.schema);
  if (mirror.signed_size > backup.sequence)
    steps.insert(
        steps.begin(),
        "keep the signed checkpoints of the lost events for your auditors, then remove them, since the ledger "
        "does not extend them: " +
            psql(fmt::format("delete from {}.ledger_checkpoints where ledger_id = '{}' and size > {}",
                             sql_name(mirror.schema), format_uuid(backup.ledger_id.value), backup.sequence.value)));
  return steps;
}

void note_mark_failed(const std::string& what) {
  write_stderr(fmt::format("runledger: mark-failed: {}; nothing is lost\n", sanitize(what).str()));
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
    options.values("--checkpoint", "FILE", "successor: a checkpoint that the lost ledger signed; may be repeated",
                   checkpoints_);
    options.value("--key", "KEY", "The verifier key of --checkpoint, as audit key show prints it", key_);
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
    const std::vector<Checkpoint> checkpoints = require_checkpoints();
    const std::optional<std::uint64_t> reached = require_number(reached_, "reached", {.min = 1, .max = kCountMax});
    const std::optional<MirrorOptions> mirror = mirror_.options();
    if (as == RestoreAs::kCopy && (mirror || reached || !checkpoints.empty()))
      refuse("usage",
             "expected --postgres, --checkpoint and --reached together with --as successor: a copy is not "
             "what they speak of");
    const BackupDirectory backups(directory_, BackupDirectory::Purpose::kRead);
    const Backup backup = choose(backups);
    Restoration restoration(backups, backup, into_, as);
    if (seal_keys_) restoration.take_seal_keys(*seal_keys_);
    const Outcome outcome = [&] {
      if (as == RestoreAs::kCopy) return make_copy(context, restoration, backup);
      return make_successor(context, restoration, backup, checkpoints, reached, mirror);
    }();
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
    if (checkpoints_.empty() == key_.has_value()) refuse("usage", "expected --checkpoint and --key together");
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

  // Opens the ledger aside, and checks it as `verify` does.
  static void verify(const Context& context, EventLog& log, const Backup& backup) {
    require_restored(log, backup);
    const VerifyReport report = verify_ledger(log, progress_bar(context, "verifying"));
    if (report.ok()) return;
    const Finding& first = report.findings.front();
    throw Failure(Remedy::kDamageFound, "backup.damaged",
                  fmt::format("expected backup {} to be sound, found {} findings: {}: {}; restore an earlier one",
                              backup.name, report.findings_total, first.code, first.detail));
  }

  static Outcome make_copy(const Context& context, const Restoration& restoration, const Backup& backup) {
    Store store(store_options(restoration));
    store.become(LedgerId{random_uuid()});
    EventLog log(store);
    const MarkKeeper mark(store, log, note_mark_failed);
    verify(context, log, backup);
    const NoteSigner signer =
        create_audit_key(restoration.aside(), "runledger/" + format_uuid(store.ledger_id().value));
    return {.ledger = store.ledger_id(),
            .verifier_key = signer.verifier().format(),
            .outside_mark = {},
            .restored = {},
            .head = log.last(),
            .mirror = {},
            .lacks_seal_keys = lacks_seal_keys(store)};
  }

  static Outcome make_successor(const Context& context, const Restoration& restoration, const Backup& backup,
                                const std::vector<Checkpoint>& checkpoints, std::optional<std::uint64_t> reached,
                                const std::optional<MirrorOptions>& mirror_options) {
    Store store(store_options(restoration));
    EventLog log(store);
    const MarkKeeper keeper(store, log, note_mark_failed);
    verify(context, log, backup);
    Sequence mark{reached.value_or(0)};
    for (const Checkpoint& checkpoint : checkpoints) mark = std::max(mark, compare(log, checkpoint));
    std::optional<MirrorMark> mirror;
    if (mirror_options) mirror = require_mirror(*mirror_options, log);
    if (mirror) mark = std::max(mark, mirror->signed_size);
    if (mirror && mirror->code != "mirror.other_ledger") mark = std::max(mark, mirror->checkpoint);
    const Restored restored = append_restored(log, backup, mark, this_user(), SystemClock().now());
    return {.ledger = store.ledger_id(),
            .verifier_key = {},
            .outside_mark = mark,
            .restored = restored,
            .head = log.last(),
            .mirror = mirror,
            .lacks_seal_keys = lacks_seal_keys(store)};
  }

  // Without the mirror's mark, numbers that were given out after the backup may come again; a wrong DSN or schema must
  // not lead there.
  static MirrorMark require_mirror(const MirrorOptions& options, const EventLog& log) {
    if (std::optional<MirrorMark> mark = read_mirror_mark(options, log)) return *std::move(mark);
    refuse("mirror.not_found",
           fmt::format("expected the mirror of this ledger, or its signed checkpoints, in {} of the database, "
                       "found neither: check --postgres and --schema, or leave them out",
                       options.schema ? "the schema " + *options.schema : "the schemas runledger and public"));
  }

  // A checkpoint that is no longer than the backup must be one of its history.
  static Sequence compare(const EventLog& log, const Checkpoint& checkpoint) {
    if (relation_of(log, checkpoint.tree) == Relation::kOtherHistory)
      throw Failure(Remedy::kDamageFound, "checkpoint.other_history",
                    fmt::format("expected the backup to begin with the {} events of the checkpoint, found others",
                                checkpoint.tree.size));
    return Sequence{checkpoint.tree.size};
  }

  // Rows without the contents that could not be opened would differ from those that the keys will give.
  static bool lacks_seal_keys(const Store& store) {
    const bool lacks = store.seal_keys() != nullptr && !store.seal_keys()->has_file();
    if (lacks) store.discard_derived();
    return lacks;
  }

  static Store::Options store_options(const Restoration& restoration) {
    Store::Options options;
    options.directory = restoration.aside();
    return options;
  }

  void print(const Context& context, RestoreAs as, const Backup& backup, const Outcome& outcome) const {
    const std::vector<std::string> notes = notes_for(as, backup, outcome);
    std::vector<std::string> steps;
    if (outcome.mirror) steps = steps_for(into_, backup, *outcome.mirror);
    if (context.json()) return print_json(context, backup, outcome, notes, steps);
    context.out.line(fmt::format("restored {} events of backup {} into {}, {} ledger {}", backup.sequence.value,
                                 backup.name, into_, as == RestoreAs::kCopy ? "as a new" : "as the successor of",
                                 format_uuid(outcome.ledger.value)));
    if (outcome.verifier_key) context.out.line("its checkpoints are verified with the key " + *outcome.verifier_key);
    for (const std::string& note : notes) context.out.line("note: " + note);
    if (outcome.mirror) context.out.line("its mirror is in schema " + outcome.mirror->schema);
    if (outcome.mirror && !outcome.mirror->code.empty())
      context.out.line(fmt::format("{}: {}", outcome.mirror->code, sanitize(outcome.mirror->what).str()));
    for (std::size_t i = 0; i < steps.size(); ++i) context.out.line(fmt::format("  {}. {}", i + 1, steps[i]));
  }

  void print_json(const Context& context, const Backup& backup, const Outcome& outcome,
                  const std::vector<std::string>& notes, const std::vector<std::string>& steps) const {
    JsonWriter json;
    json.begin_object().member("backup", backup.name).member("data", into_).member("as", as_);
    json.member("ledger_id", format_uuid(outcome.ledger.value)).member("verifier_key", outcome.verifier_key);
    json.member("sequence", backup.sequence.value).member("root", format_hex(bytes_of(backup.root)));
    json.member("head", outcome.head.value).member("outside_mark", outcome.outside_mark.value);
    json.member("scope_numbers_skipped", outcome.restored ? std::optional(outcome.restored->skipped) : std::nullopt);
    json.key("notes").begin_array();
    for (const std::string& note : notes) json.text(note);
    json.end_array().key("mirror");
    if (!outcome.mirror) {
      json.null();
    } else {
      json.begin_object()
          .member("schema", outcome.mirror->schema)
          .member("checkpoint", outcome.mirror->checkpoint.value);
      json.member("signed_size", outcome.mirror->signed_size.value);
      json.member("code", outcome.mirror->code.empty() ? std::nullopt : std::optional(outcome.mirror->code));
      json.key("steps").begin_array();
      for (const std::string& step : steps) json.text(step);
      json.end_array().end_object();
    }
    context.out.line(json.end_object().take());
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
