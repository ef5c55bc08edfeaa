// `runledger recover`: reports on a damaged ledger, and makes a new one of its good events.
#include <fmt/format.h>

#include <algorithm>

#include "ledger/backup/restoration.h"
#include "ledger/base/failure.h"
#include "ledger/evidence/audit_key.h"
#include "ledger/log/mark.h"
#include "ledger/log/mark_keeper.h"
#include "ledger/recovery/recovery.h"
#include "ledger/values/json_writer.h"
#include "projections/postgres/mirror_mark.h"
#include "projections/verify/verify.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/options/mirror_options.h"
#include "tools/cli/output/remains.h"
#include "tools/cli/restoring/lost_mirror.h"
#include "tools/cli/subcommand.h"
#include "tools/cli/trusted_keys.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

// What became of the new ledger, for the report.
struct Outcome {
  Recovered recovered;
  Sequence head;  // With that event.
  std::optional<MirrorMark> mirror;
  bool lacks_seal_keys = false;
};

// Damage of the mark is reported by examine_ledger().
std::optional<NeededLogs> logs_of_mark(const fs::path& directory) {
  try {
    return read_mark(directory).logs;
  } catch (const Failure&) {
    return std::nullopt;
  }
}

// Damage of the key is reported by examine_ledger().
std::vector<NoteVerifier> own_keys(const fs::path& directory) {
  try {
    return audit_keys(directory);
  } catch (const Failure&) {
    return {};
  }
}

// By default, the name of a ledger's audit key has its id.
std::optional<LedgerId> id_in_keys(const std::vector<NoteVerifier>& keys) {
  constexpr std::string_view kOwnName = "runledger/";
  for (const NoteVerifier& key : keys) {
    if (!key.name.starts_with(kOwnName)) continue;
    if (const auto id = parse_uuid(key.name.substr(kOwnName.size()), "ledger_id")) return LedgerId{*id};
  }
  return std::nullopt;
}

bool is_there(const DamagedLedger& found, std::string_view file) {
  return std::any_of(found.files.begin(), found.files.end(),
                     [&](const FoundFile& each) { return each.name == file && each.is_there; });
}

std::vector<std::string> notes_for(const DamagedLedger& found, const Outcome& outcome) {
  std::vector<std::string> notes;
  const std::uint64_t kept = outcome.recovered.kept;
  notes.emplace_back("make sure that the damaged ledger does not run any more, and keep it: it was not changed");
  if (outcome.recovered.outside_mark.value > kept)
    notes.push_back(
        fmt::format("events {} to {}, and perhaps more, are lost: their callers were told that they were recorded",
                    kept + 1, outcome.recovered.outside_mark.value));
  notes.emplace_back(
      "answers to commands are gone: a command that is repeated under its id is carried out, unless its run "
      "deduplicates it");
  notes.push_back(fmt::format(
      "readers that follow the log by sequence, or a workspace by its numbers, must begin again after event "
      "{}: later numbers are given out a second time",
      kept));
  for (const ComparedTree& each : found.trees) {
    if (each.known.place == "audit.checkpoint" && each.known.tree.size > kept)
      notes.push_back(
          fmt::format("audit.checkpoint, of {} events, was left out, since the ledger does not extend it: "
                      "keep it for your auditors, with every other checkpoint of lost events",
                      each.known.tree.size));
  }
  if (!is_there(found, "audit.key"))
    notes.emplace_back("there is no audit key: put back that of a backup, or use `runledger audit key create`");
  if (!is_there(found, "access-tokens")) notes.emplace_back("there are no access tokens: issue new ones");
  if (outcome.lacks_seal_keys)
    notes.emplace_back(
        "put seal.keys and the master key into the directory before its first use: without them nothing that tenants "
        "wrote can be read, and their requests are refused");
  return notes;
}

class Recover final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "recover",
            .summary = "What is left of a damaged ledger; --accept-head makes a new one of it. Status 5 on damage",
            .example =
                "  runledger recover ./damaged --checkpoint runs.checkpoint --key \"$(cat runs.vkey)\"\n"
                "  runledger recover ./damaged --accept-head --into /var/lib/runledger/new \\\n"
                "    --postgres 'host=/run/postgresql dbname=app'"};
  }

  void declare(Options& options) override {
    options.argument("DIR", "The directory of the damaged ledger, or of a copy of it; nothing in it is changed",
                     directory_);
    options.flag("--accept-head", "Makes a new ledger of the events up to the last good one; later ones are lost",
                 accepts_);
    options.value("--into", "PATH", "With --accept-head: the new ledger's directory, empty or not there yet", into_);
    options.number("--reached", "SEQ", "An event that the ledger is known to have had", reached_);
    options.values("--checkpoint", "FILE", "A checkpoint that the ledger signed; may be repeated", checkpoints_);
    options.value("--key", "KEY", "The verifier key of --checkpoint, as audit key show prints it", key_);
    options.value("--rotations", "FILE", "The ledger's audit.rotations, which lead from --key to newer keys",
                  rotations_);
    options.value("--ledger-id", "ID", "The ledger's id, if the damage has taken it", ledger_id_);
    mirror_.declare(options);
  }

  ExitStatus run(const Context& context) override {
    require_no_connect(context);
    if (accepts_ != into_.has_value()) refuse("usage", "expected --accept-head and --into together");
    std::vector<KnownTree> outside = require_checkpoints();
    Sequence reached{require_number(reached_, "reached", {.min = 1, .max = kCountMax}).value_or(0)};
    const std::optional<MirrorOptions> mirror = mirror_.options();
    require_ledger(directory_);
    const PosixFile lock = lock_unchanged(directory_);
    const Salvage salvage(directory_, logs_of_mark(directory_));
    const std::vector<NoteVerifier> trusted = key_ ? require_keys() : own_keys(directory_);
    const std::optional<LedgerId> id = find_id(salvage, own_keys(directory_));
    std::vector<LedgerDamage> untrusted;
    if (mirror) ask_mirror(*mirror, id, trusted, outside, reached, untrusted);
    DamagedLedger found =
        examine_ledger(directory_, salvage, outside, reached, progress_bar(context, "reading the events"));
    found.ledger_id = id;
    found.besides.insert(found.besides.end(), untrusted.begin(), untrusted.end());
    std::optional<Outcome> outcome;
    if (accepts_) outcome = accept(context, salvage, found, mirror);
    context.json() ? print_json(context, found, outcome) : print_text(context, found, outcome);
    return outcome || (found.is_whole() && found.besides.empty()) ? ExitStatus::kDone : ExitStatus::kDamaged;
  }

 private:
  [[nodiscard]] std::vector<NoteVerifier> require_keys() const { return require_trusted_keys(*key_, rotations_); }

  [[nodiscard]] std::vector<KnownTree> require_checkpoints() const {
    if (!checkpoints_.empty() && !key_) refuse("usage", "expected --key together with --checkpoint");
    if (key_ && checkpoints_.empty() && !mirror_.options())
      refuse("usage", "expected --checkpoint or --postgres together with --key");
    if (rotations_ && !key_) refuse("usage", "expected --key together with --rotations");
    std::vector<KnownTree> trees;
    for (const std::string& file : checkpoints_) {
      const Checkpoint checkpoint =
          require_sound(open_checkpoint(require_file(file, "checkpoint", kNoteBytesMax), require_keys()));
      trees.push_back({.place = file, .tree = checkpoint.tree, .frontier = {}, .is_outside = true});
    }
    return trees;
  }

  [[nodiscard]] std::optional<LedgerId> find_id(const Salvage& salvage, const std::vector<NoteVerifier>& keys) const {
    std::optional<LedgerId> typed;
    if (ledger_id_) typed = LedgerId{need(parse_uuid(*ledger_id_, "ledger_id"))};
    const std::optional<LedgerId> stored = salvage.ledger_id();
    if (stored && typed && *stored != *typed)
      refuse("ledger_id.invalid", fmt::format("expected --ledger-id {}, as the store says, found {}",
                                              format_uuid(stored->value), *ledger_id_));
    if (stored) return stored;
    return typed ? typed : id_in_keys(keys);
  }

  // Adds what the database has: the tree of the mirror's rows, and the signed checkpoints beside it.
  static void ask_mirror(const MirrorOptions& options, const std::optional<LedgerId>& id,
                         const std::vector<NoteVerifier>& trusted, std::vector<KnownTree>& outside, Sequence& reached,
                         std::vector<LedgerDamage>& untrusted) {
    const std::optional<MirrorRemains> remains = read_mirror_remains(options, require_id(id));
    if (!remains) refuse_unknown_mirror(options);
    if (remains->tree)
      outside.push_back({.place = "the mirror in Postgres",
                         .tree = {remains->tree->size(), remains->tree->root()},
                         .frontier = *remains->tree,
                         .is_outside = true});
    reached = std::max(reached, remains->checkpoint);
    for (const StoredCheckpoint& stored : remains->stored) {
      const std::string place = fmt::format("the checkpoint of {} in Postgres", stored.signed_at);
      const Result<NoteVerifier> verifier = NoteVerifier::parse(stored.verifier_key);
      const Result<Checkpoint> checkpoint =
          verifier ? open_checkpoint(stored.note, *verifier) : Result<Checkpoint>(verifier.rejection());
      if (!checkpoint) {
        untrusted.push_back(
            {checkpoint.rejection().code, {}, fmt::format("{}: {}", place, checkpoint.rejection().detail.str())});
      } else if (!trusted.empty() && std::find(trusted.begin(), trusted.end(), *verifier) == trusted.end()) {
        untrusted.push_back({"checkpoint.other_key", {}, place + ": expected the signature of a trusted key"});
      } else {
        outside.push_back({.place = place, .tree = checkpoint->tree, .frontier = {}, .is_outside = true});
      }
    }
  }

  static LedgerId require_id(const std::optional<LedgerId>& id) {
    if (id) return *id;
    refuse("ledger_id.invalid",
           "expected the ledger's id in the store or in the name of its audit key, found it in neither: name it by "
           "--ledger-id, as `runledger backup DIR --list` and /v1/health have it");
  }

  static void require_acceptable(const DamagedLedger& found) {
    if (found.is_whole())
      throw RefusedWith(reject("recover.undamaged",
                               fmt::format("expected a damaged log, found that all {} events are whole: put back what "
                                           "else is missing, and open it as it is",
                                           found.last_good.value)),
                        ExitStatus::kRefused);
    for (const ComparedTree& each : found.trees) {
      if (each.known.is_outside && each.relation == TreeRelation::kOtherHistory)
        throw RefusedWith(
            reject("checkpoint.other_history",
                   fmt::format("expected the good events to begin with the {} of {}, found others: it is of another "
                               "ledger, or the ledger was forged",
                               each.known.tree.size, each.known.place)),
            ExitStatus::kDamaged);
    }
    if (found.last_good.value == 0)
      throw RefusedWith(reject("recover.nothing", "expected at least one good event, found none: restore a backup"),
                        ExitStatus::kDamaged);
  }

  Outcome accept(const Context& context, const Salvage& salvage, DamagedLedger& found,
                 const std::optional<MirrorOptions>& mirror) const {
    require_acceptable(found);
    (void)require_id(found.ledger_id);
    if (!found.format) found.format = SealKeyFile::exists(directory_) ? kSealedFormatVersion : kFormatVersion;
    Recovery recovery(found, *into_);
    recovery.append_events(salvage, found, progress_bar(context, "writing the events"));
    require_acceptable(found);
    recovery.take_keys(found);
    Outcome outcome;
    {
      Store::Options options;
      options.directory = recovery.aside();
      Store store(options);
      EventLog log(store);
      const MarkKeeper keeper(store, log, note_mark_failed);
      verify(context, log);
      if (mirror) outcome.mirror = read_mirror_mark(*mirror, log);
      outcome.recovered = append_recovered(log, found, this_user(), SystemClock().now());
      outcome.head = log.last();
      outcome.lacks_seal_keys = store.seal_keys() != nullptr && !store.seal_keys()->has_file();
      // Rows without the contents that could not be opened would differ from those that the keys will give.
      if (outcome.lacks_seal_keys) store.discard_derived();
    }
    recovery.finish();
    return outcome;
  }

  // Content that cannot be opened for want of a key was so before.
  static void verify(const Context& context, EventLog& log) {
    const VerifyReport report = verify_ledger(log, progress_bar(context, "verifying"));
    for (const Finding& finding : report.findings) {
      if (finding.code.starts_with("seal.")) continue;
      throw Failure(Remedy::kDamageFound, "storage.damaged",
                    fmt::format("expected the new ledger to be sound, found {} findings: {}: {}", report.findings_total,
                                finding.code, finding.detail));
    }
  }

  [[nodiscard]] std::vector<std::string> mirror_steps(const DamagedLedger& found, const Outcome& outcome) const {
    if (!outcome.mirror) return {};
    return steps_for(*into_, *found.ledger_id, found.last_good, *outcome.mirror);
  }

  void print_text(const Context& context, const DamagedLedger& found, const std::optional<Outcome>& outcome) const {
    print_remains(found, context.out);
    if (!outcome) return;
    context.out.line(fmt::format("recovered {} events into {}, as the successor of ledger {}", found.last_good.value,
                                 *into_, format_uuid(found.ledger_id->value)));
    for (const std::string& note : notes_for(found, *outcome)) context.out.line("note: " + note);
    if (outcome->mirror && !outcome->mirror->code.empty())
      context.out.line(fmt::format("{}: {}", outcome->mirror->code, sanitize(outcome->mirror->what).str()));
    const std::vector<std::string> steps = mirror_steps(found, *outcome);
    for (std::size_t i = 0; i < steps.size(); ++i) context.out.line(fmt::format("  {}. {}", i + 1, steps[i]));
  }

  void print_json(const Context& context, const DamagedLedger& found, const std::optional<Outcome>& outcome) const {
    JsonWriter json;
    json.begin_object();
    write_remains(json, found);
    json.key("recovered");
    if (!outcome) {
      context.out.line(json.null().end_object().take());
      return;
    }
    const auto write_all = [&json](std::string_view member, const std::vector<std::string>& texts) {
      json.key(member).begin_array();
      for (const std::string& text : texts) json.text(text);
      json.end_array();
    };
    const std::optional<MirrorMark>& mirror = outcome->mirror;
    json.begin_object().member("data", *into_).member("head", outcome->head.value);
    json.member("outside_mark", outcome->recovered.outside_mark.value);
    json.member("scope_numbers_skipped", outcome->recovered.skipped);
    json.member("mirror", mirror && !mirror->code.empty() ? std::optional(mirror->code) : std::nullopt);
    write_all("notes", notes_for(found, *outcome));
    write_all("steps", mirror_steps(found, *outcome));
    context.out.line(json.end_object().end_object().take());
  }

  std::string directory_;
  bool accepts_ = false;
  Typed into_;
  Typed reached_;
  std::vector<std::string> checkpoints_;
  Typed key_;
  Typed rotations_;
  Typed ledger_id_;
  TypedMirror mirror_;
};

}  // namespace

std::unique_ptr<Subcommand> make_recover() {
  return std::make_unique<Recover>();
}

}  // namespace runledger
