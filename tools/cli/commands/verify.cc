// `runledger verify`: the whole ledger against its invariants, and the mirror against the fold.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "projections/postgres/mirror_verify.h"
#include "projections/verify/verify.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/mirror_options.h"
#include "tools/cli/output/table.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

using nlohmann::ordered_json;

ordered_json finding_to_json(const Finding& finding) {
  ordered_json json;
  json["code"] = finding.code;
  json["sequence"] = finding.sequence ? ordered_json(finding.sequence->value) : nullptr;
  json["run_id"] = finding.run ? ordered_json(format_uuid(finding.run->value)) : nullptr;
  json["detail"] = sanitize(finding.detail).str();
  return json;
}

void print_json(const VerifyReport& report, Output& out) {
  ordered_json json;
  json["ok"] = report.ok();
  json["events"] = report.events;
  json["runs"] = report.runs;
  json["mirror_rows"] = report.mirror_rows ? ordered_json(*report.mirror_rows) : nullptr;
  json["findings"] = ordered_json::array();
  for (const Finding& finding : report.findings) json["findings"].push_back(finding_to_json(finding));
  json["findings_total"] = report.findings_total;
  out.line(json.dump());
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
    // Before the ledger, so that none of its rows are of events that are not seen.
    std::optional<MirrorSnapshot> mirror;
    if (const auto options = mirror_.options()) mirror.emplace(*options);
    QuiescentLedger resting(context);
    EventLog& log = resting.ledger().log();
    VerifyReport of_mirror;
    if (mirror) mirror->compare(log, of_mirror, progress_bar(context, "verifying the mirror"));
    mirror.reset();  // What it holds on to costs Postgres while it lasts.
    RowStore rows(log);
    VerifyReport report = verify_ledger(log, rows, progress_bar(context, "verifying"));
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
