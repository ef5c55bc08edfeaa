// The bars of a run's attempts.
#include "tools/cli/output/attempt_chart.h"

#include <gtest/gtest.h>

#include "ledger/base/utf8.h"
#include "tests/fixtures/data/examples.h"

namespace runledger {
namespace {

using namespace std::chrono_literals;

const Time kStart{1'767'225'600'000'000};  // 2026-01-01T00:00:00Z

AttemptRow attempt(std::uint32_t number, Duration from, std::optional<Duration> to,
                   std::optional<AttemptOutcome> outcome) {
  AttemptRow row;
  row.attempt = AttemptNumber{number};
  row.started_at = kStart + from;
  if (to) row.finished_at = kStart + *to;
  row.outcome = outcome;
  return row;
}

RunStory story(RunStatus status, std::vector<AttemptRow> attempts) {
  RunStory story;
  story.row.requested_at = kStart;
  story.row.status = status;
  story.row.attempt = AttemptNumber{static_cast<std::uint32_t>(attempts.size())};
  if (status == RunStatus::kCompleted && !attempts.empty()) story.row.completed_at = attempts.back().finished_at;
  story.attempts = std::move(attempts);
  return story;
}

std::vector<std::string> drawn(const RunStory& story, Time now, std::size_t width) {
  std::vector<std::string> lines;
  for (const ChartLine& line : attempt_chart(story, now, width))
    lines.push_back(line.label + line.wait + line.bar + line.after);
  return lines;
}

TEST(AttemptCharts, ShowWaitsAndAttemptsToScale) {
  const RunStory two = story(RunStatus::kCompleted, {attempt(1, 10s, 20s, AttemptOutcome::kFailed),
                                                     attempt(2, 30s, 40s, AttemptOutcome::kSucceeded)});
  // The texts take 6 and 16 characters, so that 20 are left: one for two seconds.
  EXPECT_EQ(drawn(two, kStart + 1h, 42),
            (std::vector<std::string>{"  #1  ·····█████  10 s failed", "  #2            ·····█████  10 s succeeded"}));
  EXPECT_EQ(attempt_chart(two, kStart, 42)[0].colour, Colour::kRed);
  EXPECT_EQ(attempt_chart(two, kStart, 42)[1].colour, Colour::kGreen);
}

TEST(AttemptCharts, LeadToThePresentWhileTheRunGoesOn) {
  const RunStory open = story(RunStatus::kRunning, {attempt(1, 0s, std::nullopt, std::nullopt)});
  EXPECT_EQ(drawn(open, kStart + 90s, 43),
            (std::vector<std::string>{"  #1  " + std::string("████████████████") + "  1 min 30 s, running"}));
}

TEST(AttemptCharts, EndASupersededAttemptWhereTheNextOneStarts) {
  const RunStory lost = story(RunStatus::kCompleted, {attempt(1, 0s, std::nullopt, std::nullopt),
                                                      attempt(2, 10s, 20s, AttemptOutcome::kSucceeded)});
  EXPECT_EQ(drawn(lost, kStart, 42),
            (std::vector<std::string>{"  #1  ██████████  superseded", "  #2            ██████████  10 s succeeded"}));
}

TEST(AttemptCharts, GiveEveryAttemptAColumnAndFit) {
  std::vector<AttemptRow> attempts;
  for (std::uint32_t n = 1; n <= 50; ++n)
    attempts.push_back(attempt(n, n * 1s, n * 1s + 1ms, n < 50 ? AttemptOutcome::kLost : AttemptOutcome::kSucceeded));
  const RunStory many = story(RunStatus::kCompleted, attempts);
  for (const std::size_t width : {40U, 80U, 200U}) {
    const std::vector<ChartLine> lines = attempt_chart(many, kStart, width);
    ASSERT_EQ(lines.size(), kChartedMax);
    EXPECT_EQ(lines.front().label, "  #31 ");
    for (const ChartLine& line : lines) {
      EXPECT_FALSE(line.bar.empty());
      EXPECT_LE(count_characters(line.label + line.wait + line.bar + line.after), width);
    }
  }
}

TEST(AttemptCharts, AreLeftOutWhereThereIsNothingOrNoRoom) {
  EXPECT_TRUE(attempt_chart(story(RunStatus::kQueued, {}), kStart, 80).empty());
  EXPECT_TRUE(
      attempt_chart(story(RunStatus::kCompleted, {attempt(1, 0s, 1s, AttemptOutcome::kFailed)}), kStart, 20).empty());
  const RunStory at_once = story(RunStatus::kCompleted, {attempt(1, 0s, 0s, AttemptOutcome::kFailed)});
  EXPECT_EQ(attempt_chart(at_once, kStart, 80).size(), 1U) << "no time passed at all";
}

}  // namespace
}  // namespace runledger
