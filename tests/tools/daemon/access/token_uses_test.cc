// On which day each access token was last used.
#include "tools/daemon/access/token_uses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "ledger/base/failure.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

constexpr Duration kOneDay = std::chrono::days(1);

class DaysOfTokens : public testing::Test {
 protected:
  TemporaryDirectory directory;
  TokenStore tokens{directory.path()};
  std::vector<std::string> failures;
  std::filesystem::path file = directory.path() / "access-tokens.used";

  TokenId issue() {
    const Grant grant{.workspace = examples::workspace(), .tenant = {}, .rights = {Right::kWork}};
    return tokens.issue(grant, {}, examples::at(0))->token.id;
  }
  // What is stored after a daemon noted these uses and ended.
  DaysOfUse after(const std::vector<std::pair<TokenId, Time>>& uses) {
    {
      TokenUses noted(directory.path(), tokens, [this](const std::string& what) { failures.push_back(what); });
      for (const auto& [id, at] : uses) noted.note(id, at);
    }
    return read_days_of_use(directory.path());
  }
};

Time time_of(std::string_view text) {
  return *parse_time(text);
}

TEST_F(DaysOfTokens, AreTheLastOnesInUtc) {
  const TokenId one = issue();
  const TokenId other = issue();
  const DaysOfUse days = after({{one, time_of("2026-01-05T23:59:59.999999Z")},
                                {one, time_of("2026-01-04T00:00:00Z")},
                                {other, time_of("2026-01-06T01:30:00+02:00")}});
  const DaysOfUse expected{{one, time_of("2026-01-05T00:00:00Z")}, {other, time_of("2026-01-05T00:00:00Z")}};
  EXPECT_EQ(days, expected);
  EXPECT_EQ(format_day(days.at(one)), "2026-01-05");
  EXPECT_EQ(after({{other, time_of("2026-01-07T12:00:00Z")}}).at(one), time_of("2026-01-05T00:00:00Z"));
  EXPECT_EQ(failures, std::vector<std::string>{});
}

TEST_F(DaysOfTokens, AreDroppedWithTheirToken) {
  const TokenId gone = issue();
  const TokenId kept = issue();
  (void)after({{gone, examples::at(0)}});
  ASSERT_EQ(tokens.revoke(gone), std::nullopt);
  const DaysOfUse days = after({{kept, examples::at(0)}});
  EXPECT_FALSE(days.contains(gone));
  EXPECT_TRUE(days.contains(kept));
}

TEST_F(DaysOfTokens, AreBegunAnewWhenTheirFileIsDamaged) {
  const TokenId id = issue();
  std::ofstream(file) << "{\"used\":[{\"id\":\"x\"}]}";
  EXPECT_EQ(failure_of([&] { return read_days_of_use(directory.path()); }).code, "tokens.damaged");
  EXPECT_EQ(after({{id, examples::at(0)}}).size(), 1U);
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_THAT(failures.front(), testing::HasSubstr("nothing else is lost"));
}

TEST_F(DaysOfTokens, AreTriedAgainWhenTheyCouldNotBeWritten) {
  const TokenId id = issue();
  std::filesystem::create_directory(directory.path() / "access-tokens.used.new");
  EXPECT_EQ(after({{id, examples::at(0)}}).size(), 0U);
  EXPECT_EQ(failures.size(), 1U);
  std::filesystem::remove(directory.path() / "access-tokens.used.new");
  EXPECT_EQ(after({{id, examples::at(0) + kOneDay}}).size(), 1U);
}

TEST_F(DaysOfTokens, AreForTheOwnerOnly) {
  (void)after({{issue(), examples::at(0)}});
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

}  // namespace
}  // namespace runledger
