// `runledger verify`: checks the whole ledger against its invariants, and the mirror against the fold.
#include <fmt/format.h>

#include "ledger/evidence/audit_key.h"
#include "ledger/evidence/cosignature.h"
#include "ledger/evidence/log_standing.h"
#include "ledger/values/base64.h"
#include "ledger/values/json_writer.h"
#include "projections/postgres/mirror_verify.h"
#include "projections/verify/verify.h"
#include "tools/cli/checked_proof.h"
#include "tools/cli/kept_checkpoints.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/options/mirror_options.h"
#include "tools/cli/output/standing.h"
#include "tools/cli/output/table.h"
#include "tools/cli/subcommand.h"
#include "tools/cli/trusted_keys.h"
#include "tools/cli/verified_file.h"

namespace runledger {
namespace {

void write_finding(JsonWriter& json, const Finding& finding) {
  json.begin_object().member("code", finding.code);
  json.member("sequence", finding.sequence ? std::optional(finding.sequence->value) : std::nullopt);
  json.member("run_id", finding.run);
  json.member("detail", sanitize(finding.detail).str()).end_object();
}

void print_json(const VerifyReport& report, const LogStanding& standing, std::size_t foreign, Output& out) {
  JsonWriter json;
  json.begin_object().member("ok", report.ok()).member("events", report.events).member("runs", report.runs);
  json.member("root", format_base64(bytes_of(standing.tree.root))).member("signed_size", standing.signed_size);
  json.member("mirror_schema", report.mirror_schema).member("mirror_rows", report.mirror_rows);
  json.member("mirror_attempts", report.mirror_attempts);
  json.member("checkpoints", report.checkpoints).member("scopes_not_compared", foreign);
  json.key("findings").begin_array();
  for (const Finding& finding : report.findings) write_finding(json, finding);
  json.end_array().member("findings_total", report.findings_total).end_object();
  out.line(json.take());
}

void print_text(const VerifyReport& report, const LogStanding& standing, std::size_t foreign, Output& out) {
  for (const Finding& finding : report.findings) {
    std::string where;
    if (finding.sequence) where += fmt::format(" event {}", finding.sequence->value);
    if (finding.run) where += fmt::format(" run {}", format_uuid(finding.run->value));
    out.line(fmt::format("{}{}: {}", coloured(out, Colour::kRed, finding.code), where, sanitize(finding.detail).str()));
  }
  if (report.findings_total > report.findings.size())
    out.line(fmt::format("and {} more", report.findings_total - report.findings.size()));
  const std::string mirror =
      report.mirror_rows ? fmt::format(", {} rows and {} attempts of the mirror in schema {}", *report.mirror_rows,
                                       report.mirror_attempts.value_or(0), report.mirror_schema.value_or(""))
                         : "";
  const std::string checkpoints = report.checkpoints ? fmt::format(", {} checkpoints", *report.checkpoints) : "";
  out.line(fmt::format("{}: {} events, {} runs{}{}; {} findings",
                       coloured(out, report.ok() ? Colour::kGreen : Colour::kRed, report.ok() ? "sound" : "DAMAGED"),
                       report.events, report.runs, mirror, checkpoints, report.findings_total));
  out.line(standing_text(standing));
  if (foreign != 0)
    out.line(
        fmt::format("note: the trees of tenants that {} checkpoints name were not compared: another ledger has signed "
                    "them, and they follow from its identity key, which this one may not have",
                    foreign));
}

class Verify final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "verify",
            .summary = "The whole ledger against its invariants, and the mirror against the log; status 5 on findings",
            .example =
                "  runledger verify --postgres 'host=/run/postgresql dbname=app'\n"
                "  runledger verify --checkpoint runs.checkpoint --key \"$(cat runs.vkey)\"\n"
                "  runledger verify --proof event.tlog-proof --key \"$(cat runs.vkey)\"\n"
                "  runledger verify --proof north.evidence --earlier january.evidence --key \"$(cat runs.vkey)\""};
  }

  void declare(Options& options) override {
    mirror_.declare(options);
    options.values("--checkpoint", "FILE", "A checkpoint that the log must extend; may be repeated", checkpoints_);
    options.value("--proof", "FILE", "Checks this proof instead, without a ledger", proof_);
    options.values("--witness", "KEY",
                   "A witness that must have cosigned each --checkpoint, by its verifier key; may be repeated",
                   witnesses_);
    options.value("--key", "KEY", "The verifier key of checkpoints and proofs, as audit key show prints it", key_);
    options.value("--rotations", "FILE", "The ledger's audit.rotations, which lead from --key to newer keys",
                  rotations_);
    options.value("--earlier", "FILE",
                  "With --proof: earlier evidence of the same tenant or workspace, which this one must extend",
                  earlier_);
    options.value("-o,--output", "FILE",
                  "With --proof: writes the events of a tenant's evidence as lines of JSON, if it holds", output_);
  }

  ExitStatus run(const Context& context) override {
    if (rotations_ && !key_) refuse("usage", "expected --key together with --rotations");
    if (proof_) return verify_proof(context);
    if (earlier_ || output_) refuse("usage", "expected --proof together with --earlier and --output");
    std::vector<KeptCheckpoint> checkpoints = require_checkpoints(context);
    // What the ledger itself has signed is read before the ledger, which may sign more meanwhile.
    const std::optional<Checkpoint> newest = newest_checkpoint(context.data);
    if (newest) checkpoints.push_back({"audit.checkpoint", *newest, true});
    // The snapshot is taken before the ledger is opened, so that no row in it is of an event that this check cannot
    // see.
    std::optional<MirrorSnapshot> mirror;
    if (const auto options = mirror_.options()) mirror.emplace(*options);
    QuiescentLedger resting(context);
    EventLog& log = resting.ledger().log();
    VerifyReport of_mirror;
    if (mirror) {
      mirror->compare(log, of_mirror, progress_bar(context, "verifying the mirror"));
      for (KeptCheckpoint& kept : open_stored(mirror->checkpoints(), find_keys(context), context.data, of_mirror))
        checkpoints.push_back(std::move(kept));
    }
    mirror.reset();  // An open snapshot is a burden for Postgres.
    VerifyReport report = verify_ledger(log, progress_bar(context, "verifying"));
    if (!log.store().has_identity_key())
      write_stderr(
          "runledger: warning: scopes.not_compared: expected to be allowed to read identity.key, by which the heads of "
          "scopes have their places, found that this user is not: everything else was compared\n");
    report.add(of_mirror);
    const SealKeys* const keys = log.store().seal_keys();
    if (keys != nullptr && !keys->has_file() && log.store().has_identity_key())
      report.add({"seal.keys_missing", {}, {}, "expected the file seal.keys of this ledger, found none: put it back"});
    const std::size_t foreign = compare_checkpoints(log, checkpoints, report);
    if (report.ok()) note_verified(context.data, {SystemClock().now(), log.last()});
    const Head head = log.head();
    const LogStanding standing{.tree = {head.sequence.value, head.tree.root()},
                               .signed_size = newest ? std::optional(newest->tree.size) : std::nullopt};
    context.json() ? print_json(report, standing, foreign, context.out)
                   : print_text(report, standing, foreign, context.out);
    return report.ok() ? ExitStatus::kDone : ExitStatus::kDamaged;
  }

 private:
  // The key that was given, and those to which --rotations lead from it.
  [[nodiscard]] std::vector<NoteVerifier> require_keys() const {
    if (!key_) refuse("usage", "expected --key together with --checkpoint or --proof");
    return require_trusted_keys(*key_, rotations_);
  }

  // The keys by which checkpoints in Postgres may be signed: those that were given, or else the ledger's own.
  [[nodiscard]] std::vector<NoteVerifier> find_keys(const Context& context) const {
    return key_ ? require_keys() : audit_keys(context.data);
  }

  void require_cosigned(const std::string& file, const std::string& note) const {
    for (const std::string& typed : witnesses_) {
      const WitnessKey witness = need(WitnessKey::parse(typed));
      if (!find_cosignature(note, cosignatures_of(note), witness))
        throw RefusedWith(reject("note.not_cosigned",
                                 fmt::format("expected a cosignature of {} in {}, found none", witness.name, file)),
                          ExitStatus::kDamaged);
    }
  }

  [[nodiscard]] std::vector<KeptCheckpoint> require_checkpoints(const Context& context) const {
    if (checkpoints_.empty() && !witnesses_.empty()) refuse("usage", "expected --checkpoint together with --witness");
    if (checkpoints_.empty() && key_ && !mirror_.options())
      refuse("usage", "expected --checkpoint, --proof or --postgres together with --key");
    std::vector<KeptCheckpoint> kept;
    for (const std::string& file : checkpoints_) {
      const std::string note = require_file(file, "checkpoint", kNoteBytesMax);
      const std::vector<NoteVerifier> keys = require_keys();
      kept.push_back({file, require_sound(open_checkpoint(note, keys)), has_key_of(context.data, keys)});
      require_cosigned(file, note);
    }
    return kept;
  }

  [[nodiscard]] ExitStatus verify_proof(const Context& context) const {
    if (!checkpoints_.empty() || mirror_.options())
      refuse("usage", "expected --proof without --checkpoint and --postgres: it is checked without a ledger");
    const std::vector<NoteVerifier> keys = require_keys();
    check_proof(context, {.file = *proof_, .keys = keys, .earlier = earlier_, .output = output_});
    return ExitStatus::kDone;
  }

  TypedMirror mirror_;
  std::vector<std::string> checkpoints_;
  std::vector<std::string> witnesses_;
  Typed proof_;
  Typed key_;
  Typed rotations_;
  Typed earlier_;
  Typed output_;
};

}  // namespace

std::unique_ptr<Subcommand> make_verify() {
  return std::make_unique<Verify>();
}

}  // namespace runledger
