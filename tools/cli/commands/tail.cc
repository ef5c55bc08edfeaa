// `runledger tail`: follows the log live.
#include <algorithm>
#include <chrono>
#include <limits>

#include "tools/cli/event_walk.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/process/stop_signal.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

constexpr std::uint64_t kEventsPerReadMax = 1024;
constexpr std::chrono::milliseconds kStopCheckedEvery{100};

// Where to begin, and where, or after how many events, to stop. By default it never stops.
struct Span {
  Sequence after;
  Sequence to{std::numeric_limits<std::uint64_t>::max()};
  std::uint64_t count_max = std::numeric_limits<std::uint64_t>::max();
};

class Tail final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "tail", .summary = "Follows the log live, until interrupted", .example = "  runledger tail -n 10"};
  }

  void declare(Options& options) override {
    options.number("--from", "SEQ", "Begins with this event (default: the next one)", from_);
    options.number("-n", "N", "Stops after N events; without --from: the last N", count_);
  }

  ExitStatus run(const Context& context) override {
    const std::optional<std::uint64_t> count = require_number(count_, "n", {.min = 1});
    const std::optional<std::uint64_t> from = require_number(from_, "from", {.min = 1});
    StopSignal stop;
    ReadingConnection ledger(context);
    follow(context, ledger.reader(), span(from, count, require_answer(ledger.reader().head())), stop);
    return ExitStatus::kDone;
  }

 private:
  static Span span(std::optional<std::uint64_t> from, std::optional<std::uint64_t> count, Sequence last) {
    Span span;
    if (from) {
      require_reached(Sequence{*from}, last);
      span.after = Sequence{*from - 1};
      if (count) span.count_max = *count;
    } else if (count) {
      span = {.after = Sequence{last.value - std::min(*count, last.value)}, .to = last, .count_max = *count};
    } else {
      span.after = last;
    }
    return span;
  }

  static void follow(const Context& context, LedgerReader& reader, Span span, StopSignal& stop) {
    EventPrinter printer(context, context.out);
    while (span.count_max > 0 && span.after < span.to && !stop.received()) {
      if (context.out.closed()) throw OutputClosed{};  // A write would notice it only at the next event.
      const EventPage page = require_answer(reader.events({.after = span.after,
                                                           .to = span.to,
                                                           .filter = {},
                                                           .count_max = std::min(span.count_max, kEventsPerReadMax),
                                                           .wait = kStopCheckedEvery}));
      for (const VisibleEvent& event : page.events) printer.print(event);
      context.out.flush();  // A reader who follows the log wants to see each event immediately.
      span.after = page.next;
      span.count_max -= page.events.size();
    }
  }

  Typed from_;
  Typed count_;
};

}  // namespace

std::unique_ptr<Subcommand> make_tail() {
  return std::make_unique<Tail>();
}

}  // namespace runledger
