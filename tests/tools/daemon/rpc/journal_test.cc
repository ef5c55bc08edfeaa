// Imports a journal into a busy daemon.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/data/journal_text.h"
#include "tests/fixtures/world/standing_clock.h"
#include "tests/tools/daemon/test_daemon.h"
#include "tools/cli/importing/journal_sink.h"
#include "tools/daemon/rpc/server.h"

namespace runledger {
namespace {

// The sequencer stands still together with the clock, and its queue is short.
class BusyDaemon : public testing::Test {
 protected:
  static std::string line(std::uint64_t number) {
    std::string text = journal::requested(fmt::format("r{}", number));
    text.pop_back();
    return text;
  }

  static constexpr std::size_t kQueueMax = 8;

  StandingClock clock;
  TestDaemon daemon{options(&clock)};

  static Daemon::Options options(const Clock* clock) {
    Daemon::Options options{.rpc = RpcServerOptions{}};
    options.ledger.clock = clock;
    options.ledger.sequencer.queue_max = kQueueMax;
    return options;
  }
};

TEST_F(BusyDaemon, GetsTheLinesAgainThatItPutOff) {
  constexpr std::uint64_t kLines = 60;
  clock.stand();
  std::vector<std::future<Answer>> in_the_way;
  const auto put_in_the_way = [&] {
    in_the_way.push_back(daemon.ledger().sequencer().submit({.command = examples::request({})}));
  };
  put_in_the_way();
  // The sequencer has taken it and stands still.
  while (daemon.ledger().sequencer().queue_depth() > 0) std::this_thread::yield();
  while (daemon.ledger().sequencer().queue_depth() < kQueueMax) put_in_the_way();
  std::vector<std::uint64_t> settled;
  std::thread importing([&] {
    const auto sink = remote_journal(connect_link({.socket = daemon.socket(), .token = {}}), {}, 1000,
                                     [&](const PendingLine& of, const Answer& answer) {
                                       const auto* reply = std::get_if<Reply>(&answer);
                                       if (reply != nullptr && reply->events == 1) settled.push_back(of.number);
                                     });
    for (std::uint64_t number = 1; number <= kLines; ++number)
      sink->add({.file = 0, .number = number, .kind = {}, .raw = line(number)}, line(number));
    sink->drain();
  });
  while (daemon.operations().metrics().find("{code=\"overloaded\"}") == std::string::npos) std::this_thread::yield();
  clock.let_go();
  importing.join();
  std::vector<std::uint64_t> expected;
  for (std::uint64_t number = 1; number <= kLines; ++number) expected.push_back(number);
  EXPECT_EQ(settled, expected);
}

}  // namespace
}  // namespace runledger
