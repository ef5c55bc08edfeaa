// Roll-ups: what each event counts for, their sums, and their stored form.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "projections/folds/rollup.h"
#include "tests/fixtures/models/history.h"

namespace runledger {
namespace {

using Kind = Rollup::Kind;

Rollup rolled_up(const std::vector<Envelope>& events) {
  std::map<RunId, OperationRun::Row> rows;
  Rollup rollup;
  for (const Envelope& envelope : events) {
    OperationRun::Row& row = rows[envelope.run];
    const auto before = row.run_version.value == 0 ? std::nullopt : std::optional(standing(row));
    OperationRun::evolve(row, envelope);
    rollup.evolve(before, row, envelope);
  }
  return rollup;
}

TEST(Rollups, CountWhatStatisticsCount) {
  const History day = a_day();
  Statistics statistics;
  std::map<RunId, OperationRun::Row> rows;
  for (const Envelope& envelope : day.events()) {
    OperationRun::Row& row = rows[envelope.run];
    const auto before = row.run_version.value == 0 ? std::nullopt : std::optional(standing(row));
    OperationRun::evolve(row, envelope);
    evolve(statistics, before, row, envelope);
  }
  const Rollup rollup = rolled_up(day.events());
  EXPECT_EQ(rollup.count(Kind::kRequested), statistics.runs);
  EXPECT_EQ(rollup.count(Kind::kStarted), statistics.attempts);
  EXPECT_EQ(rollup.total(Kind::kCompleted), statistics.by_status.at("completed"));
  for (const auto& [outcome, word] : kEnumWords<RunOutcome>) {
    if (outcome == RunOutcome::kPending) continue;
    const auto found = statistics.by_outcome.find(word);
    EXPECT_EQ(rollup.count(Kind::kCompleted, static_cast<std::size_t>(outcome)),
              found == statistics.by_outcome.end() ? 0U : found->second)
        << word;
  }
  for (const auto& [rule, count] : statistics.deduped)
    EXPECT_EQ(rollup.count(Kind::kDeduped, static_cast<std::size_t>(*parse_word<DedupeRule>(rule))), count) << rule;
}

TEST(Rollups, CountFailuresWaitsAndDurations) {
  History history;
  const RunId run = history.request();
  history.wait(std::chrono::seconds(9));  // And one second for the line.
  const AttemptRef attempt = history.start(run);
  history.wait(std::chrono::minutes(1));
  history.finish(
      run, attempt,
      {.outcome = AttemptOutcome::kFailed, .failures = {examples::failure("disk.full")}, .retryable = false});
  history.cancel(history.request());
  history.succeeded();
  const Rollup rollup = rolled_up(history.events());
  EXPECT_EQ(rollup.failures(), (std::map<std::string, std::uint64_t>{{"disk.full", 1}, {"run.cancelled", 1}}));
  EXPECT_EQ(rollup.total(Kind::kWait), 2U);
  EXPECT_EQ(rollup.total(Kind::kDuration), 2U) << "a run that was never started has none";
  EXPECT_EQ(rollup.count(Kind::kWait, duration_bucket(std::chrono::seconds(10))), 1U);
  EXPECT_EQ(rollup.percentile(Kind::kDuration, 0.5), Duration(std::chrono::milliseconds(1024)));
  EXPECT_EQ(rollup.percentile(Kind::kDuration, 0.95), Duration(std::chrono::milliseconds(65'536)));
  EXPECT_EQ(Rollup().percentile(Kind::kWait, 0.5), std::nullopt);
}

TEST(Rollups, OfPartsAddUpToThatOfAllInAnyOrder) {
  const History day = a_day();
  std::vector<Rollup> parts;
  std::map<RunId, OperationRun::Row> rows;
  for (const Envelope& envelope : day.events()) {
    OperationRun::Row& row = rows[envelope.run];
    const auto before = row.run_version.value == 0 ? std::nullopt : std::optional(standing(row));
    OperationRun::evolve(row, envelope);
    parts.emplace_back().evolve(before, row, envelope);
  }
  const Rollup all = rolled_up(day.events());
  std::mt19937 random(7);
  for (int times = 0; times < 5; ++times) {
    std::shuffle(parts.begin(), parts.end(), random);
    Rollup sum;
    for (const Rollup& part : parts) sum.add(part);
    EXPECT_EQ(sum, all);
    EXPECT_EQ(sum.encode(), all.encode());
  }
}

TEST(Rollups, KeepTheReasonsThatAreSmallestByTheirBytes) {
  std::vector<Rollup> parts;
  for (int i = 0; i < 50; ++i) {
    History history;
    history.fail(history.request(), fmt::format("code.n{:02}", i));
    parts.push_back(rolled_up(history.events()));
  }
  std::mt19937 random(7);
  for (int times = 0; times < 3; ++times) {
    std::shuffle(parts.begin(), parts.end(), random);
    Rollup sum;
    for (const Rollup& part : parts) sum.add(part);
    for (const Rollup& part : parts) sum.add(part);
    EXPECT_EQ(sum.failures().size(), Rollup::kReasonsMax);
    EXPECT_EQ(sum.failures().begin()->first, "code.n00");
    EXPECT_EQ(sum.failures().rbegin()->first, "code.n31");
    EXPECT_EQ(sum.failures().begin()->second, 2U);
    EXPECT_EQ(sum.failures_left_out(), 2 * (50 - Rollup::kReasonsMax));
    EXPECT_EQ(Rollup::parse(sum.encode()), sum);
  }
}

TEST(Rollups, AreReadBackFromTheirStoredFormAndFromNoOther) {
  const Rollup rollup = rolled_up(a_day().events());
  const std::string stored = rollup.encode();
  EXPECT_EQ(Rollup::parse(stored), rollup);
  EXPECT_EQ(Rollup::parse(Rollup().encode()), Rollup());
  for (std::size_t size = 0; size < stored.size(); ++size)
    EXPECT_EQ(Rollup::parse(stored.substr(0, size)), std::nullopt);
  EXPECT_EQ(Rollup::parse(stored + "x"), std::nullopt);
  EXPECT_EQ(Rollup::parse("no roll-up"), std::nullopt);
}

TEST(DurationBuckets, HoldTheirDurations) {
  EXPECT_EQ(duration_bucket(Duration(-5)), 0U);
  EXPECT_EQ(duration_bucket(Duration(999)), 0U);
  EXPECT_EQ(duration_bucket(Duration(1000)), 1U);
  EXPECT_EQ(duration_bucket(Duration(kTimesEnd.unix_us)), kDurationBuckets - 1);
  for (std::size_t bucket = 0; bucket + 1 < kDurationBuckets; ++bucket) {
    const auto [from, to] = bounds_of_bucket(bucket);
    EXPECT_EQ(duration_bucket(from), bucket);
    EXPECT_EQ(duration_bucket(to - Duration{1}), bucket);
    EXPECT_EQ(duration_bucket(to), bucket + 1);
  }
}

}  // namespace
}  // namespace runledger
