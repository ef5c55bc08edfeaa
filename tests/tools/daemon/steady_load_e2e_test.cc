// 256 callers in a closed loop, each of which requests a run, starts it and finishes it, again and again: none of them
// is ever told "overloaded", because the queue has room for all and no stall of the storage engine lasts.
//
// The callers are no threads. Each submits its next command in the completion of the one before, which is the fastest
// that 256 callers could be. It takes two seconds, or one minute in long runs; scripts/steady-load takes ten minutes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>

#include "tests/fixtures/world/long_runs.h"
#include "tests/tools/daemon/test_daemon.h"

namespace runledger {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kCallers = 256;

// RUNLEDGER_ variables are the program's own, so this one is not called so. Returns nullopt when it is set to anything
// but a whole number of seconds, 1 or more.
std::optional<std::chrono::seconds> duration() {
  const char* const typed = std::getenv("LEDGER_TESTS_SECONDS");
  if (typed == nullptr) return short_or_long(std::chrono::seconds(2), std::chrono::seconds(60));
  const std::string_view text = typed;
  std::uint32_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds == 0) return std::nullopt;
  return std::chrono::seconds(seconds);
}

class Callers {
 public:
  explicit Callers(Sequencer& sequencer) : sequencer_(sequencer) {}

  void run_for(std::chrono::seconds time) {
    end_ = SteadyClock::now() + time;
    for (int i = 0; i < kCallers; ++i) request(examples::scope(fmt::format("tenant-{}", i % 8)));
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return left_ == kCallers; });
  }
  // Answers other than replies, by their code.
  [[nodiscard]] const std::map<std::string, int>& refusals() const { return refusals_; }
  [[nodiscard]] std::uint64_t transitions() const { return transitions_; }

 private:
  using Then = std::function<void(const Reply&)>;

  void request(const Scope& scope) {
    const int number = ++runs_;
    submit(
        examples::request({.run = examples::run_id(number),
                           .scope = scope,
                           .type = examples::type("demo.sync"),
                           .input = examples::input(fmt::format(R"({{"n":{}}})", number))}),
        scope, [this, scope](const Reply& reply) {
          submit(StartAttempt{reply.run, sanitize("w"), {}}, scope, [this, scope](const Reply& started) {
            submit(
                FinishAttempt{
                    started.run, AttemptRef{started.attempt, started.token}, AttemptOutcome::kSucceeded, {}, {}, true},
                scope, [this, scope](const Reply&) { request(scope); });
          });
        });
  }

  // Called on the sequencer's thread, except for the first command of each caller.
  void submit(Command command, const Scope& scope, Then then) {
    if (SteadyClock::now() >= end_) return leave();
    sequencer_.submit({.command = std::move(command)}, [this, scope, then = std::move(then)](const Answer& answer) {
      if (const auto* reply = std::get_if<Reply>(&answer)) {
        ++transitions_;
        return then(*reply);
      }
      const auto* rejection = std::get_if<Rejection>(&answer);
      ++refusals_[rejection != nullptr ? rejection->code : "outcome.unknown"];
      request(scope);
    });
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    if (++left_ == kCallers) ended_.notify_one();
  }

  Sequencer& sequencer_;
  SteadyClock::time_point end_;
  std::atomic<int> runs_ = 0;
  std::atomic<std::uint64_t> transitions_ = 0;
  std::map<std::string, int> refusals_;  // Used on the sequencer's thread until all callers have left.
  std::mutex mutex_;
  std::condition_variable ended_;
  int left_ = 0;
};

TEST(SteadyLoad, CallersInAClosedLoopAreNeverRefused) {
  const std::optional<std::chrono::seconds> time = duration();
  ASSERT_TRUE(time) << "expected seconds, 1 or more, in LEDGER_TESTS_SECONDS, found "
                    << std::getenv("LEDGER_TESTS_SECONDS");
  TestDaemon daemon;
  Callers callers(daemon.ledger().sequencer());
  callers.run_for(*time);
  EXPECT_EQ(callers.refusals(), (std::map<std::string, int>{}));
  fmt::print("{} transitions a second\n", callers.transitions() / static_cast<std::uint64_t>(time->count()));
}

}  // namespace
}  // namespace runledger
