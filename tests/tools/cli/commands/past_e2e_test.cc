// Looking back: lists and exports as of an earlier position or time, and what other policies would have answered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

// The runs of a list, as TYPE is the same for all: their id and state.
std::vector<std::string> states(const std::vector<json>& rows) {
  std::vector<std::string> found;
  for (const json& row : rows)
    found.push_back(row.at("run_id").get<std::string>().substr(0, 8) + " " + row.at("status").get<std::string>());
  return found;
}

class Past : public testing::Test {
 protected:
  Past() {
    first = ledger.request(R"({"n":1})");
    started = ledger.start(first);
    second = ledger.request(R"({"n":2})");
    (void)ledger.finish(first, started, {"--outcome", "succeeded"});
    (void)ledger.request(R"({"n":1})");  // In the cooldown of the first run.
  }
  [[nodiscard]] static std::string brief(const std::string& run, const char* status) {
    return run.substr(0, 8) + " " + status;
  }

  CliLedger ledger;
  std::string first;
  std::string second;
  json started;
};

TEST_F(Past, AListAsOfAPositionIsThatOfThen) {
  const auto list = [&](const char* at, const Arguments& more = {}) {
    Arguments all{"list", "--as-of", at};
    all.insert(all.end(), more.begin(), more.end());
    return states(ledger.json_lines(all));
  };
  const auto check = [&] {
    EXPECT_THAT(list("1"), ElementsAre(brief(first, "queued")));
    EXPECT_THAT(list("3"), ElementsAre(brief(second, "queued"), brief(first, "running")));
    EXPECT_THAT(list("3", {"--status", "running"}), ElementsAre(brief(first, "running")));
    EXPECT_THAT(list("4", {"--status", "running"}), ElementsAre());
    EXPECT_THAT(list("4", {"--deduped"}), ElementsAre());
    EXPECT_THAT(list("99", {"--deduped"}), ElementsAre(brief(first, "completed")));
    const json at_two = ledger.json_lines({"tail", "-n", "100"}).at(1);
    EXPECT_THAT(list(at_two.at("recorded_at").get<std::string>().c_str()), ElementsAre(brief(first, "running")));
  };
  check();
  EXPECT_EQ(failure(ledger.run({"list", "--as-of", "soon"})), "2 time.invalid");
  Program daemon(ledger.command({"serve"}));
  ASSERT_TRUE(daemon.wait_for_output("serving "));
  check();
  const ProgramResult page = ledger.run({"list", "--as-of", "3", "-n", "1"});
  ASSERT_THAT(page.err, HasSubstr("next cursor: "));
  const std::string cursor = lines_of(page.err).at(0).substr(std::string("next cursor: ").size());
  EXPECT_THAT(list("3", {"-n", "1", "--cursor", cursor}), ElementsAre(brief(first, "running")));
  EXPECT_EQ(failure(ledger.run({"list", "--as-of", "2", "--cursor", cursor})), "2 cursor.invalid");
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
}

TEST_F(Past, AnExportAsOfAPositionEndsThere) {
  EXPECT_EQ(ledger.json_lines({"export", "--as-of", "2"}).size(), 2U);
  const std::string third = ledger.json_lines({"tail", "-n", "100"}).at(2).at("recorded_at");
  EXPECT_EQ(ledger.json_lines({"export", "--as-of", third}).size(), 3U);
  EXPECT_EQ(ledger.json_lines({"replay", "--state", "--as-of", "2"}).size(), 1U);
}

TEST_F(Past, OtherPoliciesAreTriedWithoutAnyEffect) {
  const auto catalog = [&](int cooldown) {
    return ledger.file("catalog.json",
                       json{{"types", {{{"type", "demo.sync"}, {"cooldown_seconds", cooldown}}}}}.dump());
  };
  const std::string before = ledger.run({"export"}).out;
  const std::vector<json> other = ledger.json_lines({"replay", "--what-if", catalog(0)});
  ASSERT_EQ(other.size(), 2U);
  EXPECT_EQ(other[0].at("sequence"), 5);
  EXPECT_EQ(other[0].at("was"), "cooldown");
  EXPECT_EQ(other[0].at("would_be"), "requested");
  EXPECT_EQ(other[1].at("by_type").at(0),
            (json{{"type", "demo.sync"}, {"requests", 3}, {"deduped", 1}, {"would_deduped", 0}}));
  EXPECT_EQ(ledger.json_lines({"replay", "--what-if", catalog(3600), "--since", "1h"}).size(), 1U) << "as it was";
  EXPECT_THAT(ledger.run({"replay", "--what-if", catalog(0)}).out,
              HasSubstr("demo.sync: deduped (cooldown), would be requested"));
  EXPECT_EQ(lines_of(ledger.run({"replay", "--what-if", catalog(0), "--format", "csv"}).out).size(), 2U);
  EXPECT_EQ(ledger.run({"export"}).out, before);
  EXPECT_EQ(failure(ledger.run({"replay", "--what-if", "nowhere.json"})), "2 catalog.unreadable");
  EXPECT_EQ(failure(ledger.run({"replay", "--what-if", catalog(0), "--state"})), "2 usage");
  Program daemon(ledger.command({"serve"}));
  ASSERT_TRUE(daemon.wait_for_output("serving "));
  EXPECT_EQ(ledger.json_lines({"replay", "--what-if", catalog(0)}), other);
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
}

}  // namespace
}  // namespace runledger
