// `runledger tail`: follows the log live.
#include <algorithm>
#include <chrono>
#include <limits>

#include "ledger/envelope_json.h"
#include "ledger/subscription.h"
#include "tools/cli/arguments.h"
#include "tools/cli/event_text.h"
#include "tools/cli/stop_signal.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

constexpr std::uint64_t kEventsPerReadMax = 1024;
constexpr std::chrono::milliseconds kStopCheckedEvery{100};

// From where, and after how many events to stop; absent: never.
struct Span {
  Sequence after;
  std::optional<std::uint64_t> count_max;
};

class Tail final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "tail", .summary = "Follows the log live, until interrupted", .example = "  runledger tail -n 10"};
  }

  void declare(Options& options) override {
    options.value("--from", "SEQ", "Begins with this event (default: the next one)", from_);
    options.value("-n", "N", "Stops after N events; without --from: the last N", count_);
  }

  ExitStatus run(const Context& context) override {
    const std::optional<std::uint64_t> count =
        count_ ? std::optional(require(parse_number(*count_, "n", {.min = 1}))) : std::nullopt;
    const std::optional<std::uint64_t> from =
        from_ ? std::optional(require(parse_number(*from_, "from", {.min = 1}))) : std::nullopt;
    StopSignal stop;
    Ledger ledger = open_ledger(context);
    follow(context, ledger.log(), span(from, count, ledger.log().last()), stop);
    return ExitStatus::kDone;
  }

 private:
  static Span span(std::optional<std::uint64_t> from, std::optional<std::uint64_t> count, Sequence last) {
    if (from) return {Sequence{*from - 1}, count};
    if (!count) return {last, std::nullopt};
    const std::uint64_t there = std::min(*count, last.value);
    return {Sequence{last.value - there}, there};
  }

  static void follow(const Context& context, const EventLog& log, Span span, StopSignal& stop) {
    Subscription subscription(log, span.after);
    std::uint64_t left = span.count_max.value_or(std::numeric_limits<std::uint64_t>::max());
    while (left > 0 && !stop.received() && !context.out.closed()) {
      const std::vector<Envelope> events = subscription.next(std::min(left, kEventsPerReadMax), kStopCheckedEvery);
      for (const Envelope& envelope : events)
        context.out.line(context.json() ? envelope_to_json(envelope) : envelope_text(envelope));
      context.out.flush();  // A follower wants to see each event now.
      left -= events.size();
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
