// Why a run is not being carried out: each reason, by a run that has it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "ledger/rules/journal_import.h"
#include "projections/answers/question.h"
#include "projections/reader/ledger_reader.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using nlohmann::json;

class WhyQuestions : public testing::Test {
 protected:
  static constexpr int kNumber = 1;

  Reply submit(Command command, std::shared_ptr<JournalImport> import = {}) {
    Submission submission{.command = std::move(command)};
    if (import) submission.occurred_at = world.clock().now();
    submission.import = std::move(import);
    const Answer answer = world.ledger().sequencer().submit(std::move(submission)).get();
    EXPECT_TRUE(std::holds_alternative<Reply>(answer));
    return std::get<Reply>(answer);
  }
  Reply request(int number, std::shared_ptr<JournalImport> import = {}) {
    return submit(examples::request({.run = examples::run_id(number),
                                     .input = examples::input("{\"n\":" + std::to_string(number) + "}")}),
                  std::move(import));
  }
  json ask(int number = kNumber, const Asker& asker = {}) {
    RowStore rows(world.ledger().log());
    rows.catch_up();
    Parameters parameters;
    parameters.add("run", format_uuid(examples::run_id(number).value));
    const Result<std::string> answered = answer({world.ledger(), rows, asker}, {"why", parameters});
    return answered ? json::parse(*answered) : json(answered.rejection().code);
  }

  TemporaryLedger world;
};

TEST_F(WhyQuestions, OfADueRunNameTheRunsBeforeItAndWhoStartedOthers) {
  request(kNumber);
  world.clock().advance(std::chrono::seconds(5));
  json answer = ask();
  EXPECT_EQ(answer["reason"], "due");
  EXPECT_EQ(answer["due_for_seconds"], 5.0);
  EXPECT_EQ(answer["due_in_seconds"], nullptr);
  EXPECT_EQ(answer["claims_waiting"], nullptr) << "no daemon knows";
  EXPECT_EQ(answer["last_starts"], json::array());
  request(2);
  world.clock().advance(std::chrono::seconds(1));
  EXPECT_EQ(ask(2)["reason"], "in_line");
  EXPECT_EQ(ask(2)["queued_before"], 1);
  submit(StartAttempt{examples::run_id(2), sanitize("w-7")});
  answer = ask();
  ASSERT_EQ(answer["last_starts"].size(), 1U);
  EXPECT_EQ(answer["last_starts"][0]["worker"], "w-7");
}

TEST_F(WhyQuestions, TellOfTheWorkForce) {
  request(kNumber);
  WorkForce force{.claims_waiting = 2, .tokens = 3};
  Asker asker;
  asker.work_force = [&](const RunType&, const Scope&) { return std::optional(force); };
  EXPECT_EQ(ask(kNumber, asker)["reason"], "due");
  EXPECT_EQ(ask(kNumber, asker)["claims_waiting"], 2);
  EXPECT_EQ(ask(kNumber, asker)["tokens"], 3);
  force.tokens = 0;
  EXPECT_EQ(ask(kNumber, asker)["reason"], "due") << "callers of this machine need no token";
  force = {.claims_waiting = 0, .tokens = 3};
  EXPECT_EQ(ask(kNumber, asker)["reason"], "no_claim");
  force.tokens = 0;
  EXPECT_EQ(ask(kNumber, asker)["reason"], "no_token");
  force.is_all = false;
  EXPECT_EQ(ask(kNumber, asker)["reason"], "due") << "others may carry it out";
  asker.covers = [](const Scope&) { return false; };
  EXPECT_EQ(ask(kNumber, asker), "run.not_found");
}

TEST_F(WhyQuestions, FollowARunThroughItsLife) {
  request(kNumber);
  const Reply started = submit(StartAttempt{examples::run_id(kNumber), sanitize("w-1")});
  json answer = ask();
  EXPECT_EQ(answer["reason"], "running");
  EXPECT_EQ(answer["lease"]["worker"], "w-1");
  EXPECT_EQ(answer["lease"]["left_seconds"], answer["lease"]["lease_seconds"]);
  submit(FinishAttempt{.run = examples::run_id(kNumber),
                       .attempt = AttemptRef{started.attempt, started.token},
                       .outcome = AttemptOutcome::kFailed,
                       .failures = {examples::failure("disk.full", "no space left")}});
  answer = ask();
  EXPECT_EQ(answer["reason"], "backoff");
  EXPECT_GT(answer["due_in_seconds"], 0.0);
  EXPECT_EQ(answer["reason_code"], "disk.full");
  EXPECT_EQ(answer["failure"], "no space left");
  world.clock().advance(std::chrono::hours(1));
  EXPECT_EQ(ask()["reason"], "due");
  submit(StartAttempt{examples::run_id(kNumber), sanitize("w-2")});
  world.clock().advance(std::chrono::hours(1));
  EXPECT_EQ(ask()["reason"], "lease_expired");
  submit(FailRun{examples::run_id(kNumber), examples::reason("run.cancelled"), {}, RunOutcome::kCancelled});
  EXPECT_EQ(ask()["reason"], "completed");
  EXPECT_EQ(ask()["lease"], nullptr);
}

TEST_F(WhyQuestions, KnowWhatIsTheBusinessOfAJournal) {
  request(kNumber, std::make_shared<JournalImport>(Catalog()));
  EXPECT_EQ(ask()["reason"], "imported_open");
  EXPECT_EQ(ask(77), "run.not_found");
}

}  // namespace
}  // namespace runledger
