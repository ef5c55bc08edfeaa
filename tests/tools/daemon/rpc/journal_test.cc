// A journal that a busy daemon takes in.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/data/journal_text.h"
#include "tests/fixtures/world/standing_clock.h"
#include "tests/fixtures/world/temporary_ledger.h"
#include "tools/cli/importing/journal_sink.h"
#include "tools/daemon/rpc/server.h"

namespace runledger {
namespace {

// Its sequencer stands with the clock, and has room for few commands.
class BusyDaemon : public testing::Test {
 protected:
  static std::string line(std::uint64_t number) {
    std::string text = journal::requested(fmt::format("r{}", number));
    text.pop_back();
    return text;
  }

  static constexpr std::size_t kQueueMax = 8;

  TemporaryDirectory directory;
  StandingClock clock;
  std::unique_ptr<Ledger> ledger = make_ledger();
  FollowedRows rows{ledger->log()};
  Claims claims{*ledger, rows};
  TokenStore tokens{directory.path()};
  Authenticator gate{*ledger, rows, claims, tokens};
  std::filesystem::path socket = directory.path() / "socket";
  OperationsLog log{{.form = LogForm::kText, .least = LogLevel::kError}};
  DaemonMetrics metrics;
  DaemonWatch watch{log, metrics};
  RpcServer server{{.socket = socket, .watch = &watch}, gate};

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
  clock.stand();
  std::vector<std::future<Answer>> in_the_way;
  const auto put_in_the_way = [&] {
    in_the_way.push_back(ledger->sequencer().submit({.command = examples::request({}), .id = {}, .occurred_at = {}}));
  };
  put_in_the_way();
  while (ledger->sequencer().queue_depth() > 0) std::this_thread::yield();  // It is taken, and stands.
  while (ledger->sequencer().queue_depth() < kQueueMax) put_in_the_way();
  std::vector<std::uint64_t> settled;
  std::thread importing([&] {
    const auto sink = remote_journal(connect_link({.socket = socket, .token = {}}), {}, 1000,
                                     [&](const PendingLine& of, const Answer& answer) {
                                       const auto* reply = std::get_if<Reply>(&answer);
                                       if (reply != nullptr && reply->events == 1) settled.push_back(of.number);
                                     });
    for (std::uint64_t number = 1; number <= kLines; ++number)
      sink->add({.file = 0, .number = number, .kind = {}, .raw = line(number)}, line(number));
    sink->drain();
  });
  while (metrics.text({}).find("{code=\"overloaded\"}") == std::string::npos) std::this_thread::yield();
  clock.let_go();
  importing.join();
  std::vector<std::uint64_t> expected;
  for (std::uint64_t number = 1; number <= kLines; ++number) expected.push_back(number);
  EXPECT_EQ(settled, expected);
}

}  // namespace
}  // namespace runledger
