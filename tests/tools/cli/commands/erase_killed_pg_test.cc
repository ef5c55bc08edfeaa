// Erasures that are killed at random moments, in the process of the command and in a daemon, with a mirror in Postgres.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <random>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/kills.h"
#include "tests/fixtures/world/long_runs.h"
#include "tests/fixtures/world/planted_texts.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::IsEmpty;
using testing::Not;
using Steady = std::chrono::steady_clock;
using std::chrono_literals::operator""us;

class KilledErasures : public testing::Test {
 protected:
  enum class Way { kEmbedded, kDaemon };

  static unsigned seed() {
    const char* const given = std::getenv("ERASURE_SEED");
    return given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
  }

  [[nodiscard]] std::string dump() const { return run_program({"/usr/bin/pg_dump", dsn}).out; }
  [[nodiscard]] std::string exported() const { return ledger.run({"export"}).out; }
  [[nodiscard]] std::size_t erasures() const { return ledger.json_lines({"replay", "--kind", "erased"}).size(); }
  [[nodiscard]] Arguments erase(Way way) const {
    Arguments arguments{"erase", "--workspace", "acme", "--tenant", "north", "--reason", "contract ended"};
    if (way == Way::kEmbedded) arguments.insert(arguments.end(), {"--postgres", dsn});
    return arguments;
  }
  void follow() const { ledger.json({"project", "--once", "--postgres", dsn}); }
  [[nodiscard]] std::unique_ptr<Program> serve() const {
    auto daemon = std::make_unique<Program>(ledger.command({"serve", "--postgres", dsn}));
    EXPECT_TRUE(daemon->wait_for_output("\n"));
    return daemon;
  }
  static void end(Program& daemon) {
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.wait().status, 0);
  }

  // Has the tenant write, and the mirror follow.
  void write() const {
    (void)plant_texts(ledger, "north", 1);
    follow();
    EXPECT_THAT(texts_in(dump()), Not(IsEmpty()));
  }

  // Erases, and after a time kills what does so and who asked for it. Returns how long the whole took, if it ended
  // before.
  Steady::duration erase_and_kill(Way way, Steady::duration after) const {
    const std::unique_ptr<Program> daemon = way == Way::kDaemon ? serve() : nullptr;
    const Steady::time_point begun = Steady::now();
    Program erasing(ledger.command(erase(way)));
    while (Steady::now() < begun + after && !has_ended(erasing)) continue;
    const Steady::duration took = Steady::now() - begun;
    if (daemon) daemon->signal(SIGKILL);
    erasing.signal(SIGKILL);  // A client would wait half a minute for another daemon, and ask that.
    (void)erasing.wait();
    if (daemon) (void)daemon->wait();
    return took;
  }

  void expect_erased() const {
    EXPECT_THAT(texts_below(ledger.data()), IsEmpty());
    EXPECT_THAT(texts_in(exported()), IsEmpty());
    EXPECT_THAT(texts_in(dump()), IsEmpty());
    EXPECT_EQ(read_file(ledger.data() / "seal.keys").find("north"), std::string::npos);
    const ProgramResult verified = ledger.run({"verify", "--postgres", dsn});
    EXPECT_EQ(verified.status, 0) << verified.out << verified.err;
  }

  CliLedger ledger{{"--seal-tenants"}};
  std::string dsn = PrivatePostgres::shared().make_database();
};

// Either the erasure has not begun, and everything can be read; or nothing can, and the next start of the daemon or the
// next erase completes it.
TEST_F(KilledErasures, HaveNotBegunOrAreCompletedByTheNextStartOrErase) {
  constexpr Steady::duration kLong = std::chrono::minutes(1);
  const int kills = short_or_long(50, 500);
  const unsigned first = seed();
  RecordProperty("seed", static_cast<int>(first));
  std::mt19937 random(first);
  Steady::duration whole[2];
  for (const Way way : {Way::kEmbedded, Way::kDaemon}) {
    write();
    whole[static_cast<int>(way)] = erase_and_kill(way, kLong);
    follow();
    expect_erased();
  }
  int recorded = 0;
  int completed = 0;
  for (int round = 0; round < kills && !HasFailure(); ++round) {
    const Way way = round % 2 == 0 ? Way::kEmbedded : Way::kDaemon;
    // Spread over the whole time, so that a few kills reach every part of it.
    const double share = (round / 2 + std::uniform_real_distribution<double>(0, 1)(random)) / ((kills + 1) / 2.0);
    const auto after = std::chrono::duration_cast<Steady::duration>(share * 1.05 * whole[static_cast<int>(way)]);
    SCOPED_TRACE(fmt::format("ERASURE_SEED={} round {}, killed after {} of {} us", first, round, after / 1us,
                             whole[static_cast<int>(way)] / 1us));
    write();
    const std::size_t before = erasures();
    erase_and_kill(way, after);
    const bool is_recorded = erasures() > before;
    const bool is_whole = read_file(ledger.data() / "seal.keys").find("north") == std::string::npos;
    recorded += is_recorded ? 1 : 0;
    completed += is_whole ? 1 : 0;
    if (is_recorded) {
      EXPECT_THAT(texts_in(exported()), IsEmpty());
    } else {
      EXPECT_FALSE(is_whole) << "no key is destroyed before the event";
      EXPECT_THAT(texts_in(exported()), Not(IsEmpty()));
    }
    if (random() % 2 == 0) end(*serve());
    if (!is_recorded || (random() % 2 == 0 && !is_whole)) {
      const int status = ledger.run(erase(Way::kEmbedded)).status;
      EXPECT_TRUE(status == 0 || is_recorded) << status;
    } else if (!is_whole) {
      end(*serve());
    }
    follow();
    expect_erased();
  }
  EXPECT_GT(recorded, kills / 10);
  EXPECT_LT(completed, kills);
  EXPECT_EQ(ledger.json({"rebuild", "--postgres", dsn}).at("drifted"), 0);
}

}  // namespace
}  // namespace runledger
