// Tests how journal lines become commands: the run, the attempt and the command id of each.
#include "ledger/exchange/journal.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/data/journal_text.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

class JournalLines : public testing::Test {
 protected:
  static std::string_view without_end(const std::string& line) {
    return std::string_view(line).substr(0, line.size() - 1);
  }

  Submission translate(const std::string& line, std::uint64_t number = 1) {
    const JournalLine translated = translator.translate(number, without_end(line));
    EXPECT_TRUE(translated.submission) << translated.submission.rejection().detail.str();
    return *translated.submission;
  }

  TemporaryLedger world;
  std::shared_ptr<JournalImport> rules = std::make_shared<JournalImport>(Catalog());
  JournalTranslator translator{world.ledger().identity_key(), rules, "import"};
  JournalTranslator other{world.ledger().identity_key(), rules, "other"};
};

TEST_F(JournalLines, AreImportedWithTheirTime) {
  const Submission submission = translate(journal::requested("r1", "2009-04-21T17:46:02.848Z"));
  EXPECT_EQ(submission.origin(), Origin::kImported);
  EXPECT_EQ(format_time(*submission.occurred_at), "2009-04-21T17:46:02.848Z");
  const auto& request = std::get<RequestRun>(submission.command);
  EXPECT_TRUE(request.named);
  EXPECT_EQ(request.scope.workspace.str(), "acme");
  EXPECT_EQ(request.input.canonical(), R"({"run":"r1"})");
}

TEST_F(JournalLines, NameTheSameRunWhereverItsKeyStands) {
  const RunId run = std::get<RequestRun>(translate(journal::requested("r1")).command).run;
  EXPECT_EQ(run, std::get<StartAttempt>(translate(journal::started("r1", "a1")).command).run);
  EXPECT_EQ(run, std::get<FinishAttempt>(translate(journal::finished("r1", "a1")).command).run);
  EXPECT_EQ(run, std::get<FailRun>(translate(journal::failed("r1")).command).run);
  EXPECT_EQ(run, translator.run_id("r1"));
  EXPECT_NE(run, translator.run_id("r2"));
  EXPECT_NE(run, other.run_id("r1"));
}

// Run ids are derived from the keys of a journal, so they must be the same in every version of the program.
TEST_F(JournalLines, NameRunsForEver) {
  EXPECT_EQ(format_uuid(translator.run_id("run-0").value), "66efaa27-2e72-59c7-b4e5-1367219f929e");
  const char* uuid = "5F0C2A52-7C52-4F0E-9D8B-2F6E0F4C8A11";
  EXPECT_EQ(format_uuid(translator.run_id(uuid).value), "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11");
  EXPECT_EQ(translator.run_id(uuid), other.run_id(uuid));
}

TEST_F(JournalLines, TellAttemptsApartByTheirKeyAndRun) {
  const auto start_key = [&](const std::string& run, const std::string& attempt) {
    return *std::get<StartAttempt>(translate(journal::started(run, attempt)).command).key;
  };
  EXPECT_NE(start_key("r1", "a1"), start_key("r1", "a2"));
  EXPECT_NE(start_key("r1", "a1"), start_key("r2", "a1"));
  const auto finish = std::get<FinishAttempt>(translate(journal::finished("r1", "a1")).command);
  EXPECT_EQ(start_key("r1", "a1"), std::get<AttemptKey>(finish.attempt));
}

TEST_F(JournalLines, HaveACommandIdOfTheirNumberAndText) {
  const std::string line = journal::requested("r1");
  EXPECT_EQ(translate(line, 1).id, translate(line, 1).id);
  EXPECT_NE(translate(line, 1).id, translate(line, 2).id);
  EXPECT_NE(translate(line, 1).id, translate(journal::requested("r2"), 1).id);
  EXPECT_NE(translate(line, 1).id, other.translate(1, without_end(line)).submission->id);
}

TEST_F(JournalLines, TellTheirKindEvenWhenRefused) {
  const JournalLine refused = translator.translate(1, without_end(journal::failed("r1", "Not A Code")));
  EXPECT_EQ(refused.kind, LineKind::kFailed);
  EXPECT_EQ(refused.submission.rejection().code, "reason_code.invalid");
  EXPECT_EQ(translator.translate(1, "{}").kind, LineKind::kUnknown);
}

TEST_F(JournalLines, OfReasonRunCancelledCancel) {
  EXPECT_EQ(std::get<FailRun>(translate(journal::failed("r1", "run.cancelled")).command).outcome,
            RunOutcome::kCancelled);
  EXPECT_EQ(std::get<FailRun>(translate(journal::failed("r1", "job.failed")).command).outcome, RunOutcome::kFailed);
}

TEST_F(JournalLines, TakeNullForAbsent) {
  const Submission submission = translate(
      R"({"kind":"attempt-finished","run":"r1","attempt":"a1","outcome":"failed","summary_counts":null,"failure":null,)"
      R"("retryable":null,"at":"2026-01-05T08:00:00Z"})"
      "\n");
  const auto& finish = std::get<FinishAttempt>(submission.command);
  EXPECT_TRUE(finish.retryable);
  EXPECT_TRUE(finish.failures.empty());
  EXPECT_TRUE(finish.summary_counts.empty());
}

TEST_F(JournalLines, HoldTheirKeysToTwoHundredCharacters) {
  const auto code_of = [&](const std::string& key) {
    const JournalLine line = translator.translate(1, without_end(journal::failed(key)));
    return line.submission ? std::string() : line.submission.rejection().code;
  };
  std::string accented;
  for (int n = 0; n < 200; ++n) accented += "é";
  EXPECT_EQ(code_of(accented), "") << "the limit counts characters, not bytes";
  EXPECT_EQ(code_of(accented + "é"), "run.invalid");
  EXPECT_EQ(code_of(fmt::format("ghp_{}", std::string(36, 'a'))), "run.secret");
}

TEST_F(JournalLines, CarryWhatARequestSaysOfItsRun) {
  const std::string line =
      R"({"kind":"requested","run":"r2","workspace":"acme","type":"demo.sync","at":"2009-04-21T17:46:02Z",)"
      R"("initiator":"ann","parent":"r0","rerun_of":"r1","labels":{"region":"eu"},)"
      R"("traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","policy":{"max_attempts":3}})";
  const JournalLine translated = translator.translate(1, line);
  ASSERT_TRUE(translated.submission) << translated.submission.rejection().detail.str();
  const auto& request = std::get<RequestRun>(translated.submission->command);
  EXPECT_EQ(request.initiator, sanitize("ann"));
  EXPECT_EQ(request.parent, translator.run_id("r0"));
  EXPECT_EQ(request.rerun_of, translator.run_id("r1"));
  EXPECT_EQ(request.labels.at(*parse_label_key("region")).str(), "eu");
  EXPECT_TRUE(request.traceparent);
  EXPECT_EQ(request.changes.max_attempts, 3U);
}

TEST_F(JournalLines, NameWhoImportsThem) {
  const auto import = std::make_shared<JournalImport>(Catalog(), user_caller(1000));
  JournalTranslator of_a_user(world.ledger().identity_key(), import, "import");
  EXPECT_EQ(of_a_user.translate(1, without_end(journal::requested("r1"))).submission->caller, user_caller(1000));
}

}  // namespace
}  // namespace runledger
