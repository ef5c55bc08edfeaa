// The words for events, statuses, outcomes, rules and verdicts, on which other programs rely.
#include <gtest/gtest.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/rules/command.h"
#include "ledger/rules/event.h"

namespace runledger {
namespace {

// Checks the word of each value, and that parsing the word returns the value.
template <class Enum>
void expect_words(std::initializer_list<std::pair<Enum, std::string_view>> words,
                  std::optional<Enum> (*parse)(std::string_view)) {
  for (const auto& [value, word] : words) {
    EXPECT_EQ(to_string(value), word);
    EXPECT_EQ(parse(word), value) << word;
    EXPECT_EQ(parse(std::string(word) + " "), std::nullopt) << word;
  }
  EXPECT_EQ(parse(""), std::nullopt);
  EXPECT_EQ(parse("Queued"), std::nullopt);
}

TEST(EventWords, NameEveryKind) {
  EXPECT_EQ(kind_name(Requested{}), "requested");
  EXPECT_EQ(kind_name(Deduped{}), "deduped");
  EXPECT_EQ(kind_name(AttemptStarted{}), "attempt-started");
  EXPECT_EQ(kind_name(AttemptFinished{}), "attempt-finished");
  EXPECT_EQ(kind_name(RunFailed{}), "failed");
}

TEST(EventWords, OfRunsLeadBackToTheirValues) {
  expect_words<RunStatus>(
      {{RunStatus::kQueued, "queued"}, {RunStatus::kRunning, "running"}, {RunStatus::kCompleted, "completed"}},
      parse_word<RunStatus>);
  expect_words<RunOutcome>({{RunOutcome::kPending, "pending"},
                            {RunOutcome::kSucceeded, "succeeded"},
                            {RunOutcome::kPartiallySucceeded, "partially_succeeded"},
                            {RunOutcome::kBlocked, "blocked"},
                            {RunOutcome::kFailed, "failed"},
                            {RunOutcome::kCancelled, "cancelled"}},
                           parse_word<RunOutcome>);
}

TEST(EventWords, OfAttemptsLeadBackToTheirValues) {
  expect_words<AttemptOutcome>({{AttemptOutcome::kSucceeded, "succeeded"},
                                {AttemptOutcome::kPartiallySucceeded, "partially_succeeded"},
                                {AttemptOutcome::kBlocked, "blocked"},
                                {AttemptOutcome::kFailed, "failed"},
                                {AttemptOutcome::kCancelled, "cancelled"},
                                {AttemptOutcome::kLost, "lost"}},
                               parse_word<AttemptOutcome>);
  expect_words<Disposition>({{Disposition::kCompletes, "completes"},
                             {Disposition::kRetries, "retries"},
                             {Disposition::kExhausts, "exhausted"},
                             {Disposition::kLate, "late"}},
                            parse_word<Disposition>);
}

TEST(EventWords, OfDedupesLeadBackToTheirValues) {
  expect_words<DedupeRule>({{DedupeRule::kActiveRun, "active_run"},
                            {DedupeRule::kCooldown, "cooldown"},
                            {DedupeRule::kSameRun, "same_run"},
                            {DedupeRule::kAttemptActive, "attempt_active"},
                            {DedupeRule::kRunCompleted, "run_completed"},
                            {DedupeRule::kNotCanonical, "not_canonical"}},
                           parse_word<DedupeRule>);
  expect_words<DedupeStage>({{DedupeStage::kDispatch, "dispatch"}, {DedupeStage::kExecute, "execute"}},
                            parse_word<DedupeStage>);
}

TEST(EventWords, NameEveryVerdict) {
  for (const auto& [verdict, word] :
       std::initializer_list<std::pair<Verdict, std::string_view>>{{Verdict::kRequested, "requested"},
                                                                   {Verdict::kDeduped, "deduped"},
                                                                   {Verdict::kStarted, "started"},
                                                                   {Verdict::kSkipped, "skipped"},
                                                                   {Verdict::kFinished, "finished"},
                                                                   {Verdict::kLate, "late"},
                                                                   {Verdict::kFailed, "failed"},
                                                                   {Verdict::kAlive, "alive"},
                                                                   {Verdict::kExpired, "expired"}}) {
    EXPECT_EQ(to_string(verdict), word);
  }
}

}  // namespace
}  // namespace runledger
