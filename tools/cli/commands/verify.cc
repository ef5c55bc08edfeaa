// `runledger verify`: checks the whole ledger against its invariants, and the mirror against the fold.
#include <fmt/format.h>

#include "ledger/values/json_writer.h"
#include "projections/postgres/mirror_verify.h"
#include "projections/verify/verify.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/mirror_options.h"
#include "tools/cli/output/table.h"
#include "tools/cli/subcommand.h"

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
  json.member("mirror_rows", report.mirror_rows).key("findings").begin_array();
  for (const Finding& finding : report.findings) write_finding(json, finding);
  json.end_array().member("findings_total", report.findings_total).end_object();
  out.line(json.take());
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
  out.line(fmt::format("{}: {} events, {} runs{}; {} findings",
                       coloured(out, report.ok() ? Colour::kGreen : Colour::kRed, report.ok() ? "sound" : "DAMAGED"),
                       report.events, report.runs, mirror, report.findings_total));
}

class Verify final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "verify",
            .summary = "The whole ledger against its invariants, and the mirror against the log; status 5 on findings",
            .example = "  runledger verify --postgres 'host=/run/postgresql dbname=app'"};
  }

  void declare(Options& options) override { mirror_.declare(options); }

  ExitStatus run(const Context& context) override {
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
    context.json() ? print_json(report, context.out) : print_text(report, context.out);
    return report.ok() ? ExitStatus::kDone : ExitStatus::kDamaged;
  }

 private:
  TypedMirror mirror_;
};

}  // namespace

std::unique_ptr<Subcommand> make_verify() {
  return std::make_unique<Verify>();
}

}  // namespace runledger
