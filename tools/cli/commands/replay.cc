// `runledger replay`: prints the events as they happened, or the rows that result from them.
#include <fmt/format.h>

#include <algorithm>

#include "ledger/exchange/envelope_json.h"
#include "projections/folds/fold.h"
#include "projections/folds/run_story.h"
#include "projections/rows/json.h"
#include "tools/cli/event_walk.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/output/event_text.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

std::string row_text(const OperationRun::Row& row) {
  return fmt::format("{}  {}  {}  {}  {}  attempt {}  {}", format_uuid(row.id.value), scope_text(row.scope),
                     row.type.str(), to_string(row.status), to_string(row.outcome), row.attempt.value,
                     counts_text(row.summary_counts));
}

void print_row(const Context& context, const OperationRun::Row& row) {
  context.out.line(context.json() ? row_to_json(row) : row_text(row));
}

// On a terminal the events themselves show the progress, and a bar between them would only disturb.
void replay_events(const Context& context, LedgerReader& reader, const EventFilter& filter, SequenceRange range) {
  const Progress progress = context.out.terminal() ? Progress([](auto, auto) {}) : progress_bar(context, "replaying");
  const Sequence before{range.from.value - 1};
  walk_events(
      reader, {.after = before, .to = range.to, .filter = filter},
      [&](const VisibleEvent& event) {
        context.out.line(context.json() ? envelope_to_json(event.envelope, event.id) : envelope_text(event.envelope));
      },
      [&](Sequence reached) { progress(reached.value - before.value, range.to.value - before.value); });
}

// A run that did not exist yet at `to` prints nothing, as in a replay of all runs.
void replay_run_state(const Context& context, LedgerReader& reader, const EventFilter& filter, Sequence to) {
  Result<std::vector<VisibleEvent>> events = reader.run_events(*filter.run, AsOf{to});
  if (!events && events.rejection().code == "run.not_found") return;
  const OperationRun::Row row = fold_run_story(require_answer(std::move(events))).row;
  if ((!filter.tenant || row.scope.tenant == filter.tenant) && (!filter.type || row.type == *filter.type))
    print_row(context, row);
}

void replay_state(const Context& context, LedgerReader& reader, const EventFilter& filter, Sequence to) {
  if (filter.run) return replay_run_state(context, reader, filter, to);
  const EventSource events = [&](const std::function<void(const Envelope&)>& visit) {
    walk_events(reader, {.after = {}, .to = to, .filter = filter}, [&](const VisibleEvent& event) {
      if (!is_of_ledger(event.envelope.event)) visit(event.envelope);
    });
  };
  fold_all(with_progress(events, to, progress_bar(context, "folding")),
           [&](const OperationRun::Row& row) { print_row(context, row); });
}

class Replay final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "replay",
            .summary = "The events as they happened, or the rows that they had made by then",
            .example =
                "  runledger replay --from 1 --to 100 --kind attempt-finished\n"
                "  runledger --format json replay --state --to 100"};
  }

  void declare(Options& options) override {
    options.number("--from", "SEQ", "The first event (default 1)", from_);
    options.number("--to", "SEQ", "The last event (default: the last there is)", to_);
    options.value("--run", "UUID", "Only of this run", run_);
    options.value("--tenant", "T", "Only of this tenant", tenant_);
    options.value("--type", "TYPE", "Only of runs of this type", type_);
    options.value("--kind", "KIND",
                  "Only events of this kind: requested, deduped, attempt-started, "
                  "attempt-finished, failed, adopted, restored",
                  kind_);
    options.flag("--state", "The rows as of --to instead, in the order of their ids", state_);
  }

  ExitStatus run(const Context& context) override {
    const EventFilter filter = require_filter();
    if (state_ && (from_ || kind_)) refuse("usage", "--state folds every event up to --to: no --from, no --kind");
    LedgerConnection ledger(context);
    const SequenceRange range = require_range(from_, to_, require_answer(ledger.reader().head()));
    if (state_) {
      replay_state(context, ledger.reader(), filter, range.to);
    } else if (range.from <= range.to) {
      replay_events(context, ledger.reader(), filter, range);
    }
    return ExitStatus::kDone;
  }

 private:
  [[nodiscard]] EventFilter require_filter() const {
    EventFilter filter;
    if (run_) filter.run = require_run_id(*run_);
    if (tenant_) filter.tenant = need(parse_tenant(*tenant_));
    if (type_) filter.type = need(parse_run_type(*type_));
    filter.kind = kind_;
    if (kind_ && std::find(std::begin(kEventKinds), std::end(kEventKinds), *kind_) == std::end(kEventKinds))
      refuse("kind.invalid", fmt::format("expected requested, deduped, attempt-started, attempt-finished, "
                                         "failed, adopted or restored, found \"{}\"",
                                         *kind_));
    return filter;
  }

  Typed from_;
  Typed to_;
  Typed run_;
  Typed tenant_;
  Typed type_;
  Typed kind_;
  bool state_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_replay() {
  return std::make_unique<Replay>();
}

}  // namespace runledger
