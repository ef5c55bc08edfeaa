// A journal that a busy daemon takes in.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "ledger/client.h"
#include "tests/fixtures/examples.h"
#include "tests/fixtures/journal_text.h"
#include "tests/fixtures/standing_clock.h"
#include "tests/fixtures/temporary_ledger.h"
#include "tools/cli/journal_sink.h"
#include "tools/daemon/rpc_server.h"

namespace runledger {
namespace {

// Its sequencer stands with the clock, and has room for few commands.
class BusyDaemon : public testing::Test {
 protected:
  static constexpr std::size_t kQueueMax = 8;

  TemporaryDirectory directory;
  StandingClock clock;
  std::unique_ptr<Ledger> ledger = make_ledger();
  FollowedRows rows{ledger->log()};
  Claims claims{*ledger, rows};
  TokenStore tokens{directory.path()};
  Gate gate{*ledger, rows, claims, tokens};
  std::filesystem::path socket = directory.path() / "socket";
  RpcServer server{{.socket = socket}, gate};

  std::unique_ptr<Ledger> make_ledger() {
    const std::filesystem::path path = directory.path() / "ledger";
    Store::create({.directory = path}, IdentityKey::random());
    Sequencer::Options options;
    options.queue_max = kQueueMax;
    return std::make_unique<Ledger>(
        Ledger::Options{.directory = path, .catalog = {}, .clock = &clock, .env = nullptr, .sequencer = options});
  }
};

TEST_F(BusyDaemon, GetsTheLinesAgainThatItPutOff) {
  constexpr std::uint64_t kLines = 60;
  std::vector<std::uint64_t> settled;
  std::vector<std::uint64_t> expected;
  clock.stand();
  std::thread importing([&] {
    const auto sink = remote_journal(connect_link({.socket = socket, .token = {}}), {}, 1000,
                                     [&](const PendingLine& line, const Answer& answer) {
                                       const auto* reply = std::get_if<Reply>(&answer);
                                       if (reply != nullptr && !reply->repeated) settled.push_back(line.number);
                                     });
    for (std::uint64_t number = 1; number <= kLines; ++number) {
      std::string line = journal::requested(fmt::format("r{}", number));
      line.pop_back();
      sink->add({.file = 0, .number = number, .raw = line}, line);
    }
    sink->drain();
  });
  while (ledger->sequencer().queue_depth() < kQueueMax) std::this_thread::yield();
  clock.let_go();
  importing.join();
  for (std::uint64_t number = 1; number <= kLines; ++number) expected.push_back(number);
  EXPECT_EQ(settled, expected);
  EXPECT_EQ(ledger->log().last(), Sequence{kLines});
}

}  // namespace
}  // namespace runledger
