// `runledger replay`: prints the events as they happened, the rows that result from them, or what would have become of
// the requests under other policies.
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
#include "tools/cli/output/what_if_printer.h"
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

// The identities are those of the log, so another choice of fields changes nothing here.
void warn_of_identities(const Catalog& in_force, const Catalog& other) {
  for (const auto& [type, entry] : other.entries()) {
    const CatalogEntry& now = in_force.entry(type);
    if (in_force.entries().contains(type) &&
        (now.identity.names != entry.identity.names || now.identity.sets != entry.identity.sets))
      write_stderr(
          fmt::format("runledger: warning: the fields of the identity of {} differ; the identities of the log "
                      "are taken\n",
                      type.str()));
  }
}

// Whatever part of the log is shown, the history of each identity begins at its beginning.
void replay_what_if(const Context& context, LedgerReader& reader, const EventSelection& selection, SequenceRange range,
                    const Catalog& other) {
  const Catalog in_force = require_answer(reader.catalog());
  warn_of_identities(in_force, other);
  const Progress progress = context.out.terminal() ? Progress([](auto, auto) {}) : progress_bar(context, "replaying");
  WhatIf what_if(in_force, other);
  WhatIfPrinter printer(context);
  walk_events(
      reader, {.after = {}, .to = range.to, .filter = selection.filter},
      [&](const VisibleEvent& event) {
        if (!selection.admits(event.envelope)) return;
        const bool is_shown = event.envelope.sequence >= range.from;
        const auto answer = what_if.take(event.envelope, is_shown ? WhatIf::Count::kYes : WhatIf::Count::kNo);
        if (answer && is_shown) printer.print(*answer);
      },
      [&](Sequence reached) { progress(reached.value, range.to.value); });
  printer.print_sums(what_if);
}

class Replay final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "replay",
            .summary = "The events as they happened, or the rows that they had made by then",
            .example =
                "  runledger replay --from 1 --to 100 --kind attempt-finished\n"
                "  runledger replay --tenant north --since 1h\n"
                "  runledger --format json replay --state --to 100\n"
                "  runledger replay --what-if catalog.json --since 7d",
            .has_columns = true};
  }

  void declare(Options& options) override {
    selection_.declare(options);
    options.value("--run", "RUN", "Only of this run; the first digits of its id will do", run_);
    options.value("--kind",
                  "requested|deduped|attempt-started|attempt-finished|failed|adopted|restored|erased|recovered",
                  "Only events of this kind", kind_);
    options.value("--what-if", "CATALOG",
                  "The requests that would have been answered in another way under the policies of this file",
                  what_if_);
    options.flag("--state", "The rows as of --to or --until instead, in the order of their ids", state_);
  }

  ExitStatus run(const Context& context) override {
    EventSelection selection = require_selection();
    std::optional<RunName> run;
    if (run_) run = RunName::require(*run_);
    if (state_ && (selection.from || selection.since || kind_))
      refuse("usage", "--state folds every event up to --to: no --from, no --since, no --kind");
    if (what_if_ && (state_ || kind_ || run_))
      refuse("usage",
             "expected --what-if without --state, --kind and --run: it judges the requests of whole identities");
    const std::optional<Catalog> other = require_other(context);
    ReadingConnection ledger(context);
    if (run) selection.filter.run = run->find(ledger.reader());
    const SequenceRange range = selection.find_range(ledger.reader());
    if (other) {
      replay_what_if(context, ledger.reader(), selection, range, *other);
    } else if (state_) {
      replay_state(context, ledger.reader(), selection, range.to);
    } else {
      replay_events(context, ledger.reader(), selection, range);
    }
    return ExitStatus::kDone;
  }

 private:
  // As `serve` would have it with this file.
  [[nodiscard]] std::optional<Catalog> require_other(const Context& context) const {
    if (!what_if_) return std::nullopt;
    Context with_file = context;
    with_file.catalog = *what_if_;
    return catalog_of(with_file);
  }

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
  Typed what_if_;
  bool state_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_replay() {
  return std::make_unique<Replay>();
}

}  // namespace runledger
