// `runledger replay`: prints the events as they happened, or the rows that result from them.
#include <fmt/format.h>

#include <algorithm>

#include "projections/folds/fold.h"
#include "projections/folds/run_story.h"
#include "projections/rows/json.h"
#include "tools/cli/event_walk.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/event_selection.h"
#include "tools/cli/output/answer_table.h"
#include "tools/cli/output/event_text.h"
#include "tools/cli/output/run_members.h"
#include "tools/cli/run_name.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

std::string row_text(const OperationRun::Row& row) {
  return fmt::format("{}  {}  {}  {}  {}  attempt {}  {}", format_uuid(row.id.value), scope_text(row.scope),
                     row.type.str(), to_string(row.status), to_string(row.outcome), row.attempt.value,
                     counts_text(row.summary_counts));
}

// Prints rows as one line each.
class RowPrinter {
 public:
  explicit RowPrinter(const Context& context) : context_(context) {
    if (const auto separation = context.separation()) separated_.emplace(*separation, run_members(), context.out);
  }

  void print(const OperationRun::Row& row) {
    if (separated_) return separated_->row(parse_answer(row_to_json(row)));
    context_.out.line(context_.json() ? row_to_json(row) : row_text(row));
  }

 private:
  const Context& context_;
  std::optional<SeparatedRows> separated_;
};

// On a terminal the events themselves show the progress, and a bar between them would only disturb.
void replay_events(const Context& context, LedgerReader& reader, const EventSelection& selection, SequenceRange range) {
  const Progress progress = context.out.terminal() ? Progress([](auto, auto) {}) : progress_bar(context, "replaying");
  EventPrinter printer(context, context.out);
  if (range.from > range.to) return;
  const Sequence before{range.from.value - 1};
  walk_events(
      reader, {.after = before, .to = range.to, .filter = selection.filter},
      [&](const VisibleEvent& event) {
        if (selection.admits(event.envelope)) printer.print(event);
      },
      [&](Sequence reached) { progress(reached.value - before.value, range.to.value - before.value); });
}

// A run that did not exist yet at `to` prints nothing, as in a replay of all runs.
void replay_run_state(LedgerReader& reader, const EventSelection& selection, Sequence to, RowPrinter& printer) {
  const EventFilter& filter = selection.filter;
  Result<std::vector<VisibleEvent>> events = reader.run_events(*filter.run, AsOf{to});
  if (!events && events.rejection().code == "run.not_found") return;
  const OperationRun::Row row = fold_run_story(require_answer(std::move(events))).row;
  if (selection.workspace && row.scope.workspace != *selection.workspace) return;
  if ((!filter.tenant || row.scope.tenant == filter.tenant) && (!filter.type || row.type == *filter.type))
    printer.print(row);
}

void replay_state(const Context& context, LedgerReader& reader, const EventSelection& selection, Sequence to) {
  RowPrinter printer(context);
  if (selection.filter.run) return replay_run_state(reader, selection, to, printer);
  const EventSource events = [&](const std::function<void(const Envelope&)>& visit) {
    walk_events(reader, {.after = {}, .to = to, .filter = selection.filter}, [&](const VisibleEvent& event) {
      if (!is_of_ledger(event.envelope.event) && selection.admits(event.envelope)) visit(event.envelope);
    });
  };
  fold_all(with_progress(events, to, progress_bar(context, "folding")),
           [&](const OperationRun::Row& row) { printer.print(row); });
}

class Replay final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "replay",
            .summary = "The events as they happened, or the rows that they had made by then",
            .example =
                "  runledger replay --from 1 --to 100 --kind attempt-finished\n"
                "  runledger replay --tenant north --since 1h\n"
                "  runledger --format json replay --state --to 100",
            .has_columns = true};
  }

  void declare(Options& options) override {
    selection_.declare(options);
    options.value("--run", "RUN", "Only of this run; the first digits of its id will do", run_);
    options.value("--kind",
                  "requested|deduped|attempt-started|attempt-finished|failed|adopted|restored|erased|recovered",
                  "Only events of this kind", kind_);
    options.flag("--state", "The rows as of --to or --until instead, in the order of their ids", state_);
  }

  ExitStatus run(const Context& context) override {
    EventSelection selection = require_selection();
    std::optional<RunName> run;
    if (run_) run = RunName::require(*run_);
    if (state_ && (selection.from || selection.since || kind_))
      refuse("usage", "--state folds every event up to --to: no --from, no --since, no --kind");
    ReadingConnection ledger(context);
    if (run) selection.filter.run = run->find(ledger.reader());
    const SequenceRange range = selection.find_range(ledger.reader());
    if (state_) {
      replay_state(context, ledger.reader(), selection, range.to);
    } else {
      replay_events(context, ledger.reader(), selection, range);
    }
    return ExitStatus::kDone;
  }

 private:
  [[nodiscard]] EventSelection require_selection() const {
    EventSelection selection = selection_.require_selection();
    selection.filter.kind = kind_;
    if (kind_ && std::find(std::begin(kEventKinds), std::end(kEventKinds), *kind_) == std::end(kEventKinds))
      refuse("kind.invalid", fmt::format("expected requested, deduped, attempt-started, attempt-finished, "
                                         "failed, adopted, restored, erased or recovered, found \"{}\"",
                                         *kind_));
    return selection;
  }

  TypedEventSelection selection_;
  Typed run_;
  Typed kind_;
  bool state_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_replay() {
  return std::make_unique<Replay>();
}

}  // namespace runledger
