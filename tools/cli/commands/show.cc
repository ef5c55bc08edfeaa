// `runledger show`: prints one run, as its events tell it.
#include <fmt/format.h>

#include "ledger/exchange/envelope_json.h"
#include "ledger/values/json_writer.h"
#include "projections/folds/run_story.h"
#include "projections/rows/json.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/options/typed_time.h"
#include "tools/cli/output/attempt_chart.h"
#include "tools/cli/output/brief_time.h"
#include "tools/cli/output/event_text.h"
#include "tools/cli/output/table.h"
#include "tools/cli/run_name.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

// Reads only events and no rows, so that the present and any past moment are shown in the same way.
RunStory read_story(LedgerReader& reader, RunId run, const Typed& typed_as_of) {
  const std::optional<AsOf> as_of = typed_as_of ? std::optional(require_as_of(*typed_as_of)) : std::nullopt;
  Result<std::vector<VisibleEvent>> events = reader.run_events(run, as_of);
  // The reader's own message does not name the moment, and so would seem to deny a run that exists today.
  if (!events && events.rejection().code == "run.not_found" && as_of)
    throw RefusedWith(reject("run.not_found", fmt::format("expected run {} to exist at {}, found none",
                                                          format_uuid(run.value), *typed_as_of)),
                      ExitStatus::kRefused);
  return fold_run_story(require_answer(std::move(events)));
}

Counts read_progress(LedgerReader& reader, const OperationRun::Row& row) {
  if (row.status != RunStatus::kRunning) return {};
  const std::map<RunId, Counts> progress = require_answer(reader.progress({row.id}));
  return progress.empty() ? Counts() : progress.begin()->second;
}

void print_json(const RunStory& story, const Counts& progress, Output& out) {
  JsonWriter json;
  json.begin_object().key("run").json(row_to_json(story.row, progress)).key("attempts").begin_array();
  for (const AttemptRow& attempt : story.attempts) json.json(attempt_to_json(attempt));
  json.end_array().key("events").begin_array();
  for (const VisibleEvent& event : story.events) json.json(envelope_to_json(event.envelope, event.id));
  json.end_array().end_object();
  out.line(json.take());
}

void print_field(Output& out, std::string_view name, std::string_view value) {
  if (!value.empty()) out.line(fmt::format("  {:<12}{}", name, value));
}

void print_row(const OperationRun::Row& row, const Counts& progress, Output& out) {
  const std::string state = row.status == RunStatus::kCompleted
                                ? std::string(to_string(row.outcome))
                                : fmt::format("{}, {}", to_string(row.status), to_string(row.outcome));
  out.line(fmt::format("{} {}", coloured(out, Colour::kBold, fmt::format("Run {}", format_uuid(row.id.value))),
                       coloured(out, colour_of(row.status, row.outcome), state)));
  if (row.imported_open) print_field(out, "open", "as a journal left it; no live request waits for it");
  print_field(out, "type", row.type.str());
  print_field(out, "scope", scope_text(row.scope));
  if (row.initiator) print_field(out, "asked by", row.initiator->str());
  print_field(out, "caller", format_caller(row.caller));
  print_field(out, "input", row.context.canonical());
  print_field(out, "labels", labels_text(row.labels));
  if (row.parent) print_field(out, "parent", format_uuid(row.parent->value));
  if (row.root && row.root != row.parent) print_field(out, "root", format_uuid(row.root->value));
  if (row.rerun_of) print_field(out, "rerun of", format_uuid(row.rerun_of->value));
  print_field(out, "identity", format_identity(row.identity));
  print_field(out, "requested", time_text(row.requested_at, out));
  if (row.started_at) print_field(out, "started", time_text(*row.started_at, out));
  if (row.completed_at) print_field(out, "completed", time_text(*row.completed_at, out));
  print_field(out, "attempts", fmt::format("{} of at most {}", row.attempt.value, row.max_attempts));
  if (row.deduped_count > 0)
    print_field(out, "deduped", row.deduped_count == 1 ? "once" : fmt::format("{} times", row.deduped_count));
  if (row.skipped_count > 0)
    print_field(out, "skipped", row.skipped_count == 1 ? "once" : fmt::format("{} times", row.skipped_count));
  print_field(out, "progress", counts_text(progress));
  print_field(out, "counts", counts_text(row.summary_counts));
  if (row.reason_code) print_field(out, "reason", row.reason_code->str());
  for (const FailureNote& failure : row.failures) print_field(out, "failure", failure_text(failure));
}

void print_attempts(const std::vector<AttemptRow>& attempts, Output& out) {
  if (attempts.empty()) return;
  out.line("");
  Table table({{"ATTEMPT", Fit::kWhole, 1},
               {"TOKEN", Fit::kWhole},
               {"WORKER", Fit::kText, 1},
               {"STARTED", Fit::kTime, 1},
               {"FINISHED", Fit::kTime, 1},
               {"OUTCOME", Fit::kWhole, 2},
               {"COUNTS", Fit::kText, 1}});
  for (const AttemptRow& attempt : attempts) {
    const std::string outcome = attempt.outcome ? std::string(to_string(*attempt.outcome)) : "-";
    table.row({{std::to_string(attempt.attempt.value)},
               {std::to_string(attempt.token.value)},
               {attempt.worker.str()},
               {format_time(attempt.started_at)},
               {attempt.finished_at ? format_time(*attempt.finished_at) : "-"},
               {attempt.late ? outcome + " (late)" : outcome},
               {counts_text(attempt.summary_counts)}});
  }
  table.print(out);
}

// On a terminal, the attempts as bars.
void print_chart(const RunStory& story, Output& out) {
  const std::optional<std::size_t> width = out.columns();
  const std::vector<ChartLine> lines =
      width ? attempt_chart(story, SystemClock().now(), *width) : std::vector<ChartLine>();
  if (!lines.empty()) out.line("");
  for (const ChartLine& line : lines)
    out.line(line.label + coloured(out, Colour::kDim, line.wait) + coloured(out, line.colour, line.bar) + line.after);
}

void print_timeline(const std::vector<VisibleEvent>& events, bool whole, Output& out) {
  const TimeText as_text = clock_of(out);
  out.line("");
  for (const auto& [envelope, id] : events) {
    out.line(fmt::format("  {}  {}  {}", coloured(out, Colour::kDim, fmt::format("#{:<7}", envelope.sequence.value)),
                         as_text(envelope.happened_at()), event_text(envelope, as_text)));
    if (whole) out.line(fmt::format("    {}", coloured(out, Colour::kDim, envelope_to_json(envelope, id))));
  }
}

class Show final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "show",
            .summary = "One run: its row, attempts and events, now or as it was",
            .example = "  runledger show 5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11 --as-of 2026-01-31T12:00:00Z"};
  }

  void declare(Options& options) override {
    options.argument("RUN", kRunHelp, run_);
    options.flag("--events", "In the text, every event as it is recorded too; JSON always has them", whole_events_);
    options.value("--as-of", kSequenceOrTimeValue, "As it was after this event, or at this time", as_of_);
  }

  ExitStatus run(const Context& context) override {
    const RunName name = RunName::require(run_);
    if (as_of_) (void)require_as_of(*as_of_);  // A bad value is refused before anything is opened.
    ReadingConnection ledger(context);
    const RunStory story = read_story(ledger.reader(), name.find(ledger.reader()), as_of_);
    const Counts progress = as_of_ ? Counts() : read_progress(ledger.reader(), story.row);
    if (context.json()) {
      print_json(story, progress, context.out);
    } else {
      print_row(story.row, progress, context.out);
      print_attempts(story.attempts, context.out);
      print_chart(story, context.out);
      print_timeline(story.events, whole_events_, context.out);
    }
    return ExitStatus::kDone;
  }

 private:
  std::string run_;
  bool whole_events_ = false;
  Typed as_of_;
};

}  // namespace

std::unique_ptr<Subcommand> make_show() {
  return std::make_unique<Show>();
}

}  // namespace runledger
