// `runledger list`: prints runs, newest first.
#include <fmt/format.h>

#include "projections/rows/json.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/run_filter.h"
#include "tools/cli/output/event_text.h"
#include "tools/cli/output/table.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

constexpr std::uint64_t kLimitDefault = 50;

void print_table(const std::vector<OperationRun::Row>& rows, Output& out) {
  Table table({"RUN", "SCOPE", "TYPE", "STATUS", "OUTCOME", "ATTEMPTS", "REQUESTED", "COMPLETED", "COUNTS"});
  for (const OperationRun::Row& row : rows) {
    table.row({{format_uuid(row.id.value)},
               {scope_text(row.scope)},
               {row.type.str()},
               {std::string(to_string(row.status)), colour_of(row.status, row.outcome)},
               {std::string(to_string(row.outcome)), colour_of(row.status, row.outcome)},
               {std::to_string(row.attempt.value)},
               {format_time(row.requested_at)},
               {row.completed_at ? format_time(*row.completed_at) : "-"},
               {counts_text(row.summary_counts)}});
  }
  table.print(out);
}

class List final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "list",
            .summary = "Runs, newest first",
            .example = "  runledger list --workspace acme --status completed --outcome failed --limit 20"};
  }

  void declare(Options& options) override {
    filter_.declare(options);
    options.number("--limit", "N", "At most so many, 1 to 1000 (default 50)", limit_);
    options.value("--cursor", "CURSOR", "Where the page before ended, as it said", cursor_);
  }

  ExitStatus run(const Context& context) override {
    const RunFilter filter = filter_.require_filter();
    const std::uint64_t limit =
        require_number(limit_, "limit", {.min = 1, .max = RowStore::kPageMax}).value_or(kLimitDefault);
    LedgerConnection ledger(context);
    const RunPage page = require_answer(ledger.reader().list(filter, limit, cursor_.value_or("")));
    const std::vector<RunId> at_work = context.json() ? running(page.rows) : std::vector<RunId>();
    print(page, at_work.empty() ? Progresses() : require_answer(ledger.reader().progress(at_work)), limit, context);
    return ExitStatus::kDone;
  }

 private:
  using Progresses = std::map<RunId, Counts>;

  static void print(const RunPage& page, const Progresses& progress, std::uint64_t limit, const Context& context) {
    if (context.json()) {
      for (const OperationRun::Row& row : page.rows) {
        const auto found = progress.find(row.id);
        context.out.line(row_to_json(row, found == progress.end() ? Counts() : found->second));
      }
    } else {
      print_table(page.rows, context.out);
    }
    // The cursor is not a row, so it goes to standard error; on a terminal it must still come after the rows.
    context.out.flush();
    if (!page.next_cursor) return;
    write_stderr(fmt::format("next cursor: {}\n", *page.next_cursor));
    if (page.rows.size() >= limit) return;
    // A short page must not look like the end.
    const std::string reached = page.reached ? ", back to runs of " + format_time(*page.reached) : "";
    write_stderr(fmt::format("looked at {} entries{}; go on with the cursor\n", page.scanned, reached));
  }

  TypedRunFilter filter_;
  Typed limit_;
  Typed cursor_;
};

}  // namespace

std::unique_ptr<Subcommand> make_list() {
  return std::make_unique<List>();
}

}  // namespace runledger
