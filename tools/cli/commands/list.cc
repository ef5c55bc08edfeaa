// `runledger list`: prints runs, newest first.
#include <fmt/format.h>

#include <map>
#include <optional>

#include "projections/rows/json.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/run_filter.h"
#include "tools/cli/output/answer_table.h"
#include "tools/cli/output/event_text.h"
#include "tools/cli/output/run_members.h"
#include "tools/cli/output/table.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

constexpr std::uint64_t kLimitDefault = 50;

Table table_for(const Output& out) {
  if (!out.terminal())
    return Table({"RUN", "SCOPE", "TYPE", "STATUS", "OUTCOME", "ATTEMPTS", "REQUESTED", "COMPLETED", "COUNTS"});
  return Table({{"RUN", Fit::kId},
                {"SCOPE", Fit::kText, 3},
                {"TYPE", Fit::kText, 4},
                {"STATE", Fit::kWhole, 5},
                {"ATTEMPTS", Fit::kWhole, 1},
                {"REQUESTED", Fit::kTime, 2},
                {"COMPLETED", Fit::kTime, 1},
                {"COUNTS", Fit::kText}});
}

// On a terminal status and outcome are one column, because the outcome of a run says something only once the run is
// completed.
std::vector<Cell> cells_of(const OperationRun::Row& row, const Output& out) {
  const Colour colour = colour_of(row.status, row.outcome);
  const std::string status(to_string(row.status));
  const std::string outcome(to_string(row.outcome));
  std::vector<Cell> cells{{format_uuid(row.id.value)}, {scope_text(row.scope)}, {row.type.str()}};
  if (out.terminal()) {
    cells.push_back({row.status == RunStatus::kCompleted ? outcome : status, colour});
  } else {
    cells.push_back({status, colour});
    cells.push_back({outcome, colour});
  }
  cells.push_back({std::to_string(row.attempt.value)});
  cells.push_back({format_time(row.requested_at)});
  cells.push_back({row.completed_at ? format_time(*row.completed_at) : "-"});
  cells.push_back({counts_text(row.summary_counts)});
  return cells;
}

// Prints the pages of a list, one after the other.
class RunPrinter {
 public:
  explicit RunPrinter(const Context& context) : context_(context), table_(table_for(context.out)) {
    if (const auto separation = context.separation()) separated_.emplace(*separation, run_members(), context.out);
  }

  // Without `reader`, nothing is told of how far runs have come.
  void print(const std::vector<OperationRun::Row>& rows, LedgerReader* reader) {
    if (context_.json()) return print_json(rows, reader);
    for (const OperationRun::Row& row : rows) {
      if (separated_) {
        separated_->row(parse_answer(row_to_json(row)));
      } else {
        table_.row(cells_of(row, context_.out));
      }
    }
    if (!separated_) table_.print(context_.out);
  }

 private:
  void print_json(const std::vector<OperationRun::Row>& rows, LedgerReader* reader) {
    const std::vector<RunId> at_work = running(rows);
    std::map<RunId, Counts> progress;
    if (reader != nullptr && !at_work.empty()) progress = require_answer(reader->progress(at_work));
    for (const OperationRun::Row& row : rows) context_.out.line(row_to_json(row, progress[row.id]));
  }

  const Context& context_;
  Table table_;
  std::optional<SeparatedRows> separated_;
};

class List final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "list",
            .summary = "Runs, newest first",
            .example =
                "  runledger list --workspace acme --outcome failed --since yesterday -n 20\n"
                "  runledger list --tenant north --since 2026-01-01 --all --format csv > runs.csv\n"
                "  runledger list --status running --as-of 2026-01-31T12:00:00Z",
            .has_columns = true};
  }

  void declare(Options& options) override {
    filter_.declare(options);
    options.number("-n,--limit", "N", "At most so many, 1 to 1000 (default 50)", limit_);
    options.value("--cursor", "CURSOR", "Where the page before ended, as it said", cursor_);
    options.flag("--all", kEveryPageHelp, every_page_);
  }

  ExitStatus run(const Context& context) override {
    RunFilter filter = filter_.require_filter();
    const std::optional<RunName> parent = filter_.require_parent();
    const std::uint64_t typed =
        require_number(limit_, "limit", {.min = 1, .max = RowStore::kPageMax}).value_or(kLimitDefault);
    const std::uint64_t limit = every_page_ ? RowStore::kPageMax : typed;
    ReadingConnection ledger(context);
    if (parent) filter.parent = parent->find(ledger.reader());
    RunPrinter printer(context);
    for (std::string cursor = cursor_.value_or("");;) {
      const RunPage page = require_answer(ledger.reader().list(filter, limit, cursor));
      printer.print(page.rows, filter.as_of ? nullptr : &ledger.reader());
      if (every_page_ && page.next_cursor) {
        cursor = *page.next_cursor;
        continue;
      }
      // The cursor is not a row, so it goes to standard error; on a terminal it must still come after the rows.
      context.out.flush();
      write_end(page, limit);
      return ExitStatus::kDone;
    }
  }

 private:
  static void write_end(const RunPage& page, std::uint64_t limit) {
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
  bool every_page_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_list() {
  return std::make_unique<List>();
}

}  // namespace runledger
