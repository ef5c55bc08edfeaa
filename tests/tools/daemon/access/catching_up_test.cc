// What a daemon answers while its rows are made again from the log: commands as always, questions with how far it is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <latch>

#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/temporary_ledger.h"
#include "tools/daemon/access/session.h"

namespace runledger {
namespace {

using testing::HasSubstr;
using testing::Not;

const Rights kEveryRight = {Right::kRequest, Right::kWork, Right::kAudit, Right::kOperate};

class CatchingUp : public testing::Test {
 protected:
  // The rows have folded the requests, but wait to say so.
  CatchingUp() {
    for (int number = 1; number <= 3; ++number)
      (void)world.ledger().sequencer().submit({.command = examples::request({.run = examples::run_id(number)})}).get();
    rows.emplace(world.ledger().log(), FollowedRows::Options{.on_stopped = {},
                                                             .folded_at_start_max = 0,
                                                             .on_catching_up = [this](std::uint64_t, std::uint64_t) {
                                                               reached.count_down();
                                                               released.get_future().wait();
                                                             }});
    reached.wait();
    claims.emplace(world.ledger(), *rows);
  }
  ~CatchingUp() override {
    if (!is_released) release();
  }
  void release() {
    is_released = true;
    released.set_value();
    EXPECT_TRUE(rows->wait_for(world.ledger().log().last(), std::chrono::seconds(30)));
  }
  Session session(const Grant& grant) { return {world.ledger(), *rows, *claims, grant, {}, {}}; }

  TemporaryLedger world;
  std::latch reached{1};
  std::promise<void> released;
  bool is_released = false;
  std::optional<FollowedRows> rows;
  std::optional<Claims> claims;
};

TEST_F(CatchingUp, QuestionsSayHowFarTheRowsAre) {
  const Session owner = session({.workspace = {}, .tenant = {}, .rights = kEveryRight});
  const auto list = owner.list({}, 10, "");
  EXPECT_EQ(code_of(list), "rows.catching_up");
  EXPECT_THAT(list.rejection().detail.str(), HasSubstr("of 3 events"));
  EXPECT_EQ(code_of(owner.totals({})), "rows.catching_up");
  EXPECT_EQ(code_of(owner.answer({"failures", {}})), "rows.catching_up");
  EXPECT_EQ(code_of(owner.changes({}, 10)), "rows.catching_up");
  EXPECT_EQ(code_of(owner.erase(examples::scope(), sanitize("asked"), ActiveRuns::kRefuse)), "rows.catching_up");
  std::promise<ClaimAnswer> claimed;
  const auto waiting = owner.claim({.types = {examples::type()}, .worker = sanitize("w"), .wait = {}}, {},
                                   [&claimed](ClaimAnswer answer) { claimed.set_value(std::move(answer)); });
  EXPECT_EQ(std::get<Rejection>(claimed.get_future().get()).code, "rows.catching_up");
  release();
  EXPECT_EQ(owner.list({}, 10, "")->rows.size(), 1U);
}

// How many events others have is none of its business.
TEST_F(CatchingUp, ACallerOfATenantLearnsAShareAndNoNumbers) {
  const Session tenant =
      session({.workspace = examples::workspace(), .tenant = examples::tenant(), .rights = kEveryRight});
  const auto list = tenant.list({}, 10, "");
  EXPECT_EQ(code_of(list), "rows.catching_up");
  EXPECT_THAT(list.rejection().detail.str(), HasSubstr(" % are done"));
  EXPECT_THAT(list.rejection().detail.str(), Not(HasSubstr(" of 3")));
}

TEST_F(CatchingUp, CommandsAndTheStoriesOfRunsAreAnsweredAsAlways) {
  const Session owner = session({.workspace = {}, .tenant = {}, .rights = kEveryRight});
  std::promise<Answer> started;
  owner.submit(StartAttempt{.run = examples::run_id(1), .worker = sanitize("w")}, {},
               [&started](Answer answer) { started.set_value(std::move(answer)); });
  EXPECT_EQ(reply_of(started.get_future().get()).verdict, Verdict::kStarted);
  EXPECT_EQ(owner.show(examples::run_id(1), {})->row.status, RunStatus::kRunning);
  EXPECT_TRUE(owner.events({}, 10));
}

}  // namespace
}  // namespace runledger
