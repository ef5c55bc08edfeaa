// `runledger stats`: prints totals over runs.
#include <fmt/format.h>

#include "projections/rows/json.h"
#include "tools/cli/ask.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/question_options.h"
#include "tools/cli/output/answer_table.h"
#include "tools/cli/output/standing.h"
#include "tools/cli/output/table.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

std::string total_text(std::uint64_t total) {
  return fmt::format("{}{}", total == Statistics::kSumMax ? "at least " : "", total);
}

template <class Totals>
void print_totals(Output& out, std::string_view title, const Totals& totals, std::uint64_t left_out = 0) {
  if (totals.empty()) return;
  out.line("");
  Table table({std::string(title), {"", Fit::kWhole}});
  for (const auto& [name, count] : totals) table.row({{fmt::format("{}", name)}, {total_text(count)}});
  if (left_out > 0) table.row({{"(others)"}, {total_text(left_out)}});
  table.print(out);
}

void print_text(const LedgerTotals& totals, Output& out) {
  const Statistics& statistics = totals.statistics;
  out.line(
      fmt::format("{} runs, {} attempts; the log ends at {}", statistics.runs, statistics.attempts, totals.head.value));
  if (totals.log) out.line(standing_text(*totals.log));
  print_totals(out, "RUNS BY STATUS", statistics.by_status);
  print_totals(out, "RUNS BY OUTCOME", statistics.by_outcome);
  print_totals(out, "RUNS BY TYPE", statistics.by_type, statistics.left_out.by_type);
  print_totals(out, "RUNS BY TENANT", statistics.by_tenant, statistics.left_out.by_tenant);
  print_totals(out, "RUNS BY SCOPE", statistics.by_scope, statistics.left_out.by_scope);
  print_totals(out, "RUNS BY ATTEMPTS", statistics.by_attempts);
  print_totals(out, "EVENTS BY KIND", statistics.events_by_kind);
  print_totals(out, "DEDUPED BY RULE", statistics.deduped);
  print_totals(out, "SUMMARY COUNTS", statistics.summary_counts, statistics.left_out.summary_counts);
}

void print_time(const JsonValue& answer, Output& out) {
  out.line(fmt::format("recorded from {} to {}", cell_text(answer.find("since")), cell_text(answer.find("until"))));
  for (const char* member : {"requested", "started", "completed", "by_outcome", "deduped", "failures"})
    out.line(fmt::format("  {:<12}{}", member, cell_text(answer.find(member))));
  for (const char* member : {"wait", "duration"}) {
    const JsonValue* of = answer.find(member);
    if (of == nullptr) continue;
    out.line(fmt::format("  {:<12}at most {} s for half, {} s for 95 %", member, cell_text(of->find("p50_seconds")),
                         cell_text(of->find("p95_seconds"))));
  }
  out.line("");
  print_answer(answer, "by_type",
               {{"TYPE", "type"},
                {"REQUESTED", "requested"},
                {"COMPLETED", "completed"},
                {"OUTCOMES", "by_outcome"},
                {"DEDUPED", "deduped"},
                {"FAILURES", "failures"}},
               out);
}

class Stats final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "stats",
            .summary = "Totals of runs, attempts, events, dedupes and counts",
            .example =
                "  runledger stats --workspace acme --format json\n"
                "  runledger stats --since 2026-01-31T00:00:00Z --until 2026-02-01T00:00:00Z"};
  }

  void declare(Options& options) override {
    question_.declare_scope(options);
    question_.declare_times(options, "Only what was recorded");
    question_.time(options, "as_of", "Only what was recorded at or before it");
  }

  ExitStatus run(const Context& context) override {
    const Question question = question_.require_question("totals");
    const RunFilter filter = question.parameters.need_filter();
    if (filter.since || filter.until || question.parameters.find("as_of") != nullptr)
      return ask(context, question, print_time);
    ReadingConnection ledger(context);
    const LedgerTotals totals = require_answer(ledger.reader().totals(filter));
    if (context.json()) {
      context.out.line(totals_to_json(totals));
    } else {
      print_text(totals, context.out);
    }
    return ExitStatus::kDone;
  }

 private:
  TypedQuestion question_;
};

}  // namespace

std::unique_ptr<Subcommand> make_stats() {
  return std::make_unique<Stats>();
}

}  // namespace runledger
