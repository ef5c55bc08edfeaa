// `runledger watch`: follows one run until it ends.
#include <fmt/format.h>

#include <chrono>
#include <limits>

#include "ledger/exchange/envelope_json.h"
#include "projections/folds/operation_run.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/output/brief_time.h"
#include "tools/cli/output/event_text.h"
#include "tools/cli/output/table.h"
#include "tools/cli/process/stop_signal.h"
#include "tools/cli/run_name.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

constexpr std::chrono::milliseconds kSignalsCheckedEvery{100};
constexpr std::chrono::milliseconds kLookedAtEvery{500};
constexpr std::size_t kEventsPerLook = 256;

// Status 3 for a partial success, so that a script can tell it from a failure.
ExitStatus status_of_outcome(RunOutcome outcome) {
  switch (outcome) {
    case RunOutcome::kSucceeded:
      return ExitStatus::kDone;
    case RunOutcome::kPartiallySucceeded:
      return ExitStatus::kDeduped;
    case RunOutcome::kBlocked:
    case RunOutcome::kFailed:
    case RunOutcome::kCancelled:
      return ExitStatus::kFailed;
    case RunOutcome::kPending:
      return ExitStatus::kUnknown;  // It had not ended.
  }
  return ExitStatus::kUnknown;
}

// Prints the events of one run, each once, and knows what they come to.
class WatchedRun {
 public:
  explicit WatchedRun(const Context& context) : context_(context) {}

  void take(const std::vector<VisibleEvent>& events) {
    for (const VisibleEvent& event : events) {
      if (event.envelope.run_version <= row_.run_version) continue;
      OperationRun::evolve(row_, event.envelope);
      print(event);
    }
    context_.out.flush();  // Somebody watches.
  }

  // How far the work has come is no event. JSON has events only.
  void take(const Counts& progress) {
    if (context_.json() || progress.empty() || progress == progress_) return;
    progress_ = progress;
    context_.out.line(
        fmt::format("{}  progress [{}]", clock_of(context_.out)(SystemClock().now()), counts_text(progress)));
    context_.out.flush();
  }

  [[nodiscard]] RunVersion version() const { return row_.run_version; }
  [[nodiscard]] bool is_running() const { return row_.status == RunStatus::kRunning; }
  [[nodiscard]] bool has_ended() const { return row_.status == RunStatus::kCompleted; }
  [[nodiscard]] ExitStatus status() const { return status_of_outcome(row_.outcome); }

 private:
  void print(const VisibleEvent& event) const {
    Output& out = context_.out;
    if (context_.json()) return out.line(envelope_to_json(event.envelope, event.id));
    const TimeText as_text = clock_of(out);
    const std::string line =
        fmt::format("{}  {}", as_text(event.envelope.happened_at()), event_text(event.envelope, as_text));
    out.line(has_ended() ? coloured(out, colour_of(row_.status, row_.outcome), line) : line);
  }

  const Context& context_;
  OperationRun::Row row_;
  Counts progress_;
};

class Watch final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "watch",
            .summary = "Follows a run until it ends; the status says how",
            .example =
                "  runledger watch 5f0c2a52\n"
                "  runledger watch 5f0c2a52 && echo succeeded"};
  }

  void declare(Options& options) override { options.argument("RUN", kRunHelp, run_); }

  ExitStatus run(const Context& context) override {
    const RunName name = RunName::require(run_);
    StopSignal stop;
    WatchedRun watched(context);
    ReadingConnection ledger(context);
    follow(context, ledger.reader(), name.find(ledger.reader()), watched, stop);
    return watched.status();
  }

 private:
  // A caller with the right to audit is told of each event as it comes. Others look at the run again and again.
  static void follow(const Context& context, LedgerReader& reader, RunId run, WatchedRun& watched, StopSignal& stop) {
    Sequence after = require_answer(reader.head());
    watched.take(require_answer(reader.run_events(run, std::nullopt)));
    bool may_audit = true;
    auto progress_read = std::chrono::steady_clock::now();
    while (!watched.has_ended() && !stop.received()) {
      if (context.out.closed()) throw OutputClosed{};
      may_audit = may_audit && take_next(reader, run, after, watched);
      if (!may_audit) {
        (void)stop.wait_for(kLookedAtEvery);
        if (has_news(reader, run, watched.version()))
          watched.take(require_answer(reader.run_events(run, std::nullopt)));
      }
      const auto now = std::chrono::steady_clock::now();
      if (!watched.is_running() || now - progress_read < kLookedAtEvery) continue;
      progress_read = now;
      watched.take(read_progress(reader, run));
    }
  }

  // Takes the events after `after`, and moves it on. Returns false when the caller may not read events.
  static bool take_next(LedgerReader& reader, RunId run, Sequence& after, WatchedRun& watched) {
    EventFilter filter;
    filter.run = run;
    Result<EventPage> page =
        reader.events({.after = after, .filter = filter, .count_max = kEventsPerLook, .wait = kSignalsCheckedEvery});
    if (!page && page.rejection().code == "access.denied") return false;
    const EventPage next = require_answer(std::move(page));
    watched.take(next.events);
    after = next.next;
    return true;
  }

  // Asks for the row of the run, which costs the same however many events the run has. When that is refused, the events
  // are worth a try: the daemon may have stopped its rows.
  static bool has_news(LedgerReader& reader, RunId run, RunVersion known) {
    RunFilter filter;
    filter.id_prefix = need(parse_id_prefix(format_uuid(run.value)));
    const Result<RunPage> page = reader.list(filter, 1, "");
    return !page || page->rows.empty() || page->rows.front().run_version > known;
  }

  static Counts read_progress(LedgerReader& reader, RunId run) {
    const std::map<RunId, Counts> progress = require_answer(reader.progress({run}));
    return progress.empty() ? Counts() : progress.begin()->second;
  }

  std::string run_;
};

}  // namespace

std::unique_ptr<Subcommand> make_watch() {
  return std::make_unique<Watch>();
}

}  // namespace runledger
