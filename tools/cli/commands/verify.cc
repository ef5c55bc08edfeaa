// `runledger verify`: checks the whole ledger against its invariants, and the mirror against the fold.
#include <fmt/format.h>

#include "ledger/base/assert.h"
#include "ledger/base/damage.h"
#include "ledger/evidence/proof_file.h"
#include "ledger/evidence/prover.h"
#include "ledger/values/json_writer.h"
#include "projections/postgres/mirror_verify.h"
#include "projections/verify/verify.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/options/mirror_options.h"
#include "tools/cli/output/proven.h"
#include "tools/cli/output/table.h"
#include "tools/cli/subcommand.h"
#include "tools/cli/verified_file.h"

namespace runledger {
namespace {

void write_finding(JsonWriter& json, const Finding& finding) {
  json.begin_object().member("code", finding.code);
  json.member("sequence", finding.sequence ? std::optional(finding.sequence->value) : std::nullopt);
  json.member("run_id", finding.run);
  json.member("detail", sanitize(finding.detail).str()).end_object();
}

void print_json(const VerifyReport& report, Output& out) {
  JsonWriter json;
  json.begin_object().member("ok", report.ok()).member("events", report.events).member("runs", report.runs);
  json.member("mirror_rows", report.mirror_rows).member("checkpoints", report.checkpoints);
  json.key("findings").begin_array();
  for (const Finding& finding : report.findings) write_finding(json, finding);
  json.end_array().member("findings_total", report.findings_total).end_object();
  out.line(json.take());
}

// A checkpoint that an earlier run of the ledger signed, and the file that it was read from.
struct KeptCheckpoint {
  std::string file;
  Checkpoint checkpoint;
};

std::string expected_of(const KeptCheckpoint& kept) {
  return fmt::format("{}: expected the log to begin with the {} events that it names", kept.file,
                     kept.checkpoint.tree.size);
}

std::optional<Finding> compare(const Prover& prover, const KeptCheckpoint& kept) {
  switch (prover.relation_to(kept.checkpoint.tree)) {
    case Relation::kExtends:
      return std::nullopt;
    case Relation::kIsShorter:
      return Finding{"checkpoint.ahead", {}, {}, fmt::format("{}, found {}", expected_of(kept), prover.tree().size)};
    case Relation::kOtherHistory:
      return Finding{"checkpoint.other_history", {}, {}, expected_of(kept) + ", found others"};
  }
  RUNLEDGER_ASSERT(false);
}

// A proof leads from each checkpoint to the root of the log, which verify_ledger() has compared with the events.
void compare_checkpoints(const EventLog& log, const std::vector<KeptCheckpoint>& checkpoints, VerifyReport& report) {
  if (checkpoints.empty()) return;
  report.checkpoints = checkpoints.size();
  try {
    const Prover prover(log);
    for (const KeptCheckpoint& kept : checkpoints) {
      if (std::optional<Finding> finding = compare(prover, kept)) report.add(*std::move(finding));
    }
  } catch (const Damaged& damaged) {
    report.add({"checkpoint.not_compared", {}, {}, damaged.found()});
  }
}

void print_text(const VerifyReport& report, Output& out) {
  for (const Finding& finding : report.findings) {
    std::string where;
    if (finding.sequence) where += fmt::format(" event {}", finding.sequence->value);
    if (finding.run) where += fmt::format(" run {}", format_uuid(finding.run->value));
    out.line(fmt::format("{}{}: {}", coloured(out, Colour::kRed, finding.code), where, sanitize(finding.detail).str()));
  }
  if (report.findings_total > report.findings.size())
    out.line(fmt::format("and {} more", report.findings_total - report.findings.size()));
  const std::string mirror = report.mirror_rows ? fmt::format(", {} rows of the mirror", *report.mirror_rows) : "";
  const std::string checkpoints = report.checkpoints ? fmt::format(", {} checkpoints", *report.checkpoints) : "";
  out.line(fmt::format("{}: {} events, {} runs{}{}; {} findings",
                       coloured(out, report.ok() ? Colour::kGreen : Colour::kRed, report.ok() ? "sound" : "DAMAGED"),
                       report.events, report.runs, mirror, checkpoints, report.findings_total));
}

class Verify final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "verify",
            .summary = "The whole ledger against its invariants, and the mirror against the log; status 5 on findings",
            .example =
                "  runledger verify --postgres 'host=/run/postgresql dbname=app'\n"
                "  runledger verify --checkpoint runs.checkpoint --key \"$(cat runs.vkey)\"\n"
                "  runledger verify --proof event.tlog-proof --key \"$(cat runs.vkey)\""};
  }

  void declare(Options& options) override {
    mirror_.declare(options);
    options.values("--checkpoint", "FILE", "A checkpoint that the log must extend; may be repeated", checkpoints_);
    options.value("--proof", "FILE", "Checks this proof instead, without a ledger", proof_);
    options.value("--key", "KEY", "The verifier key of checkpoints and proofs, as audit key show prints it", key_);
  }

  ExitStatus run(const Context& context) override {
    if (proof_) return verify_proof(context);
    const std::vector<KeptCheckpoint> checkpoints = require_checkpoints();
    // The snapshot is taken before the ledger is opened, so that no row in it is of an event that this check cannot
    // see.
    std::optional<MirrorSnapshot> mirror;
    if (const auto options = mirror_.options()) mirror.emplace(*options);
    QuiescentLedger resting(context);
    EventLog& log = resting.ledger().log();
    VerifyReport of_mirror;
    if (mirror) mirror->compare(log, of_mirror, progress_bar(context, "verifying the mirror"));
    mirror.reset();  // An open snapshot is a burden for Postgres.
    VerifyReport report = verify_ledger(log, progress_bar(context, "verifying"));
    report.add(of_mirror);
    compare_checkpoints(log, checkpoints, report);
    if (report.ok()) note_verified(context.data, {SystemClock().now(), log.last()});
    context.json() ? print_json(report, context.out) : print_text(report, context.out);
    return report.ok() ? ExitStatus::kDone : ExitStatus::kDamaged;
  }

 private:
  [[nodiscard]] NoteVerifier require_key() const {
    if (!key_) refuse("usage", "expected --key together with --checkpoint or --proof");
    return need(NoteVerifier::parse(*key_));
  }

  [[nodiscard]] std::vector<KeptCheckpoint> require_checkpoints() const {
    if (checkpoints_.empty() && key_) refuse("usage", "expected --checkpoint or --proof together with --key");
    std::vector<KeptCheckpoint> kept;
    for (const std::string& file : checkpoints_) {
      const std::string note = require_file(file, "checkpoint", kNoteBytesMax);
      kept.push_back({file, require_sound(open_checkpoint(note, require_key()))});
    }
    return kept;
  }

  [[nodiscard]] ExitStatus verify_proof(const Context& context) const {
    if (!checkpoints_.empty() || mirror_.options())
      refuse("usage", "expected --proof without --checkpoint and --postgres: it is checked without a ledger");
    const NoteVerifier key = require_key();
    const std::string text = require_file(*proof_, "proof", kProofBytesMax);
    print_proven(context, require_sound(check_proof_file(text, key)));
    return ExitStatus::kDone;
  }

  TypedMirror mirror_;
  std::vector<std::string> checkpoints_;
  Typed proof_;
  Typed key_;
};

}  // namespace

std::unique_ptr<Subcommand> make_verify() {
  return std::make_unique<Verify>();
}

}  // namespace runledger
