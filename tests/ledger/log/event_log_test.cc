// Tests that the log returns what was appended, and refuses to open when it is not whole.
//
// An EventMaker makes the batches, and events_ keeps every event that was appended, so that whatever the log returns
// can be compared with the original. The store is on a disk in memory, where opening and closing is quick. Tests of
// damage write to the database past the log with put() and remove(), and expect "storage.damaged", either from the read
// that meets the damage or from the next opening.
#include "ledger/log/event_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <limits>
#include <stop_token>
#include <thread>

#include "ledger/base/failure.h"
#include "ledger/log/check.h"
#include "ledger/log/codec.h"
#include "ledger/log/entries.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/log_directory.h"

namespace runledger {
namespace {

constexpr Sequence kEnd{std::numeric_limits<std::uint64_t>::max()};

class StoredEventLog : public testing::Test {
 protected:
  // Appends `count` events in batches of `batch` events.
  void append(std::size_t count, std::size_t batch = 10) {
    while (count > 0) {
      const std::size_t size = std::min(count, batch);
      const AppendBatch made = maker_.next(size);
      events_.insert(events_.end(), made.events.begin(), made.events.end());
      here_.append(made);
      count -= size;
    }
  }
  EventLog& log() { return *here_.log; }
  // Changes a stored entry without the log.
  void put(Family family, const std::string& key, const std::string& value) {
    check(here_.store->db().Put({}, here_.store->family(family), key, value), "a test's write");
  }
  void remove(Family family, const std::string& key) {
    check(here_.store->db().Delete({}, here_.store->family(family), key), "a test's write");
  }
  std::vector<Envelope> events_between(std::size_t after, std::size_t to) {
    return {events_.begin() + static_cast<std::ptrdiff_t>(after), events_.begin() + static_cast<std::ptrdiff_t>(to)};
  }

  LogDirectory here_{LogDirectory::Disk::kMemory};
  EventMaker maker_;
  std::vector<Envelope> events_;
};

TEST_F(StoredEventLog, ANewLogIsEmpty) {
  EXPECT_EQ(log().last(), Sequence{0});
  EXPECT_TRUE(log().read(Sequence{0}, 10).empty());
  EXPECT_EQ(log().head().tree, MerkleFrontier());
  EXPECT_EQ(log().find(Sequence{1}), std::nullopt);
  EXPECT_EQ(log().as_of(examples::at(0)), Sequence{0});
}

TEST_F(StoredEventLog, WhatIsAppendedIsReadBackInOrder) {
  append(25, 7);
  EXPECT_EQ(log().last(), Sequence{25});
  EXPECT_EQ(log().read(Sequence{0}, 100), events_);
  EXPECT_EQ(log().read(Sequence{0}, std::numeric_limits<std::size_t>::max()), events_);
}

TEST_F(StoredEventLog, ReadingGoesOnWhereItStopped) {
  append(25);
  EXPECT_EQ(log().read(Sequence{10}, 5), events_between(10, 15));
  EXPECT_EQ(log().read(Sequence{24}, 5), events_between(24, 25));
  EXPECT_TRUE(log().read(Sequence{25}, 5).empty());
  EXPECT_TRUE(log().read(kEnd, 5).empty());
  EXPECT_TRUE(log().read(Sequence{0}, 0).empty());
}

TEST_F(StoredEventLog, FindGivesOneEventAndNothingBeyondTheEnd) {
  append(5);
  EXPECT_EQ(log().find(Sequence{3}), events_[2]);
  EXPECT_EQ(log().find(Sequence{0}), std::nullopt);
  EXPECT_EQ(log().find(Sequence{6}), std::nullopt);
}

TEST_F(StoredEventLog, ScanGivesTheStoredBytesAndStopsWhenAsked) {
  append(10);
  std::vector<std::uint64_t> seen;
  log().scan(Sequence{2}, kEnd, [&](const Envelope& envelope, std::string_view stored) {
    EXPECT_EQ(stored, encode(envelope));
    seen.push_back(envelope.sequence.value);
    return seen.size() == 3 ? Scan::kStop : Scan::kContinue;
  });
  EXPECT_THAT(seen, testing::ElementsAre(3, 4, 5));
}

TEST_F(StoredEventLog, ScanEndsWhereItIsTold) {
  append(10);
  std::vector<std::uint64_t> seen;
  log().scan(Sequence{7}, Sequence{9}, [&](const Envelope& envelope, std::string_view) {
    seen.push_back(envelope.sequence.value);
    return Scan::kContinue;
  });
  EXPECT_THAT(seen, testing::ElementsAre(8, 9));
}

TEST_F(StoredEventLog, TheEventsOfARunAreReadUpToAPosition) {
  append(12);
  const RunId run = events_[3].run;  // The second run: events 4, 5 and 6.
  EXPECT_EQ(log().read_run(run, kEnd), events_between(3, 6));
  EXPECT_EQ(log().read_run(run, Sequence{5}), events_between(3, 5));
  EXPECT_TRUE(log().read_run(run, Sequence{3}).empty());
  EXPECT_TRUE(log().read_run(examples::run_id(999), kEnd).empty());
}

TEST_F(StoredEventLog, TheEventsOfAScopeAreReadAfterAPosition) {
  append(12);  // Runs 1 and 3 belong to one tenant, runs 2 and 4 to the other.
  const auto expected = [&](const std::string& tenant) {
    std::vector<Envelope> of_tenant;
    for (const Envelope& event : events_) {
      if (event.scope.tenant->str() == tenant) of_tenant.push_back(event);
    }
    return of_tenant;
  };
  const std::vector<Envelope> contoso = expected("contoso");
  EXPECT_EQ(contoso.size(), 6U);
  EXPECT_EQ(log().read_scope(examples::scope("contoso"), ScopeSequence{0}, 100), contoso);
  EXPECT_EQ(log().read_scope(examples::scope("contoso"), ScopeSequence{4}, 1), std::vector<Envelope>{contoso[4]});
  EXPECT_TRUE(log().read_scope(examples::workspace_scope(), ScopeSequence{0}, 100).empty());
  EXPECT_TRUE(log().read_scope(examples::scope("contoso"), ScopeSequence{~std::uint64_t{0}}, 100).empty());
}

TEST_F(StoredEventLog, ScopesWithTheSameLettersAreApart) {
  const auto digest = [](std::string_view workspace, std::optional<std::string_view> tenant) {
    Scope scope{examples::workspace(workspace), std::nullopt};
    if (tenant) scope.tenant = examples::tenant(*tenant);
    return scope_digest(scope);
  };
  EXPECT_NE(digest("ab", "c"), digest("a", "bc"));
  EXPECT_NE(digest("ab", std::nullopt), digest("a", "b"));
}

TEST_F(StoredEventLog, AsOfFindsTheLastEventThatWasRecordedByThen) {
  append(10);  // The events are one millisecond apart, beginning with the first.
  EXPECT_EQ(log().as_of(examples::at(0)), Sequence{0});
  EXPECT_EQ(log().as_of(examples::at(1)), Sequence{1});
  EXPECT_EQ(log().as_of(Time{examples::at(5).unix_us + 1}), Sequence{5});
  EXPECT_EQ(log().as_of(examples::at(10)), Sequence{10});
  EXPECT_EQ(log().as_of(examples::at(99)), Sequence{10});
}

TEST_F(StoredEventLog, EverythingIsThereAfterReopening) {
  append(25);
  const Head before = log().head();
  here_.open();
  EXPECT_EQ(log().read(Sequence{0}, 100), events_);
  EXPECT_EQ(log().head().tree, before.tree);
  EXPECT_EQ(log().head().recorded_at, before.recorded_at);
  append(25);
  EXPECT_EQ(log().read(Sequence{0}, 100), events_);
}

TEST_F(StoredEventLog, TheTreeIsOverTheStoredBytesOfEveryEvent) {
  append(25, 4);
  MerkleFrontier tree;
  for (const Envelope& event : events_) tree.append(encode(event));
  EXPECT_EQ(log().head().tree, tree);
}

TEST_F(StoredEventLog, TheLargestBatchIsTaken) {
  append(EventLog::kEventsPerAppendMax, EventLog::kEventsPerAppendMax);
  EXPECT_EQ(log().last(), Sequence{EventLog::kEventsPerAppendMax});
  here_.open();
  EXPECT_EQ(log().last(), Sequence{EventLog::kEventsPerAppendMax});
}

TEST_F(StoredEventLog, AFullInputIsStoredAndReadBack) {
  const AppendBatch batch = maker_.next_large(RunInput::kBytesMax - 20);
  here_.append(batch);
  EXPECT_EQ(log().find(Sequence{1}), batch.events[0]);
}

TEST_F(StoredEventLog, AWaitEndsWithTheNextAppend) {
  append(1);
  EXPECT_TRUE(log().wait_past(Sequence{0}, std::chrono::milliseconds(0)));
  EXPECT_FALSE(log().wait_past(Sequence{1}, std::chrono::milliseconds(1)));
  std::thread appender([&] { append(1); });
  EXPECT_TRUE(log().wait_past(Sequence{1}, std::chrono::minutes(1)));
  appender.join();
}

TEST_F(StoredEventLog, AWaitEndsWithTheAppendTheStopOrTheTime) {
  append(1);
  std::stop_source stop;
  EXPECT_FALSE(log().wait_past(Sequence{1}, stop.get_token(), std::chrono::milliseconds(1)));
  std::thread appender([&] { append(1); });
  EXPECT_TRUE(log().wait_past(Sequence{1}, stop.get_token(), std::chrono::minutes(1)));
  appender.join();
  std::thread stopper([&] { stop.request_stop(); });
  EXPECT_FALSE(log().wait_past(Sequence{2}, stop.get_token(), std::chrono::hours(1)));
  stopper.join();
  EXPECT_TRUE(log().wait_past(Sequence{1}, stop.get_token(), std::chrono::hours(1))) << "what is there counts first";
}

TEST_F(StoredEventLog, ReadersBesideTheAppenderSeeWholePrefixes) {
  constexpr std::uint64_t kEvents = 3000;
  const auto follow = [this] {
    Sequence last;
    while (last.value < kEvents) {
      const Sequence durable = log().last();
      for (const Envelope& event : log().read(last, 100)) {
        EXPECT_EQ(event.sequence, last.next());
        last = event.sequence;
      }
      EXPECT_GE(log().last(), durable);
    }
  };
  std::thread readers[] = {std::thread(follow), std::thread(follow)};
  append(kEvents, 13);
  for (std::thread& reader : readers) reader.join();
}

TEST_F(StoredEventLog, FreeBytesAreThoseOfTheDirectorysDisk) {
  const auto space = std::filesystem::space(here_.path);
  EXPECT_GT(log().free_bytes(), 0U);
  EXPECT_LE(log().free_bytes(), space.capacity);
}

TEST_F(StoredEventLog, AMissingEventIsDamageWhereverItIsRead) {
  append(10);
  remove(Family::kEvents, event_key(Sequence{4}));
  EXPECT_EQ(failure_of([&] { (void)log().read(Sequence{0}, 100); }).code, "storage.damaged");
  EXPECT_EQ(failure_of([&] { (void)log().find(Sequence{4}); }).code, "storage.damaged");
  EXPECT_EQ(failure_of([&] { (void)log().read_run(events_[3].run, kEnd); }).code, "storage.damaged");
  EXPECT_EQ(log().read(Sequence{4}, 100), events_between(4, 10));
}

// The bytes of an event do not say where in the log it is, but the index of its run does.
TEST_F(StoredEventLog, AnEventUnderAnotherNumberIsDamage) {
  append(10);
  put(Family::kEvents, event_key(Sequence{4}), encode(events_[4]));
  EXPECT_EQ(failure_of([&] { (void)log().read_run(events_[3].run, kEnd); }).code, "storage.damaged");
}

TEST_F(StoredEventLog, AnIndexThatLeadsElsewhereIsDamage) {
  append(10);
  put(Family::kRunEvents, run_event_key(events_[0].run, RunVersion{2}), event_key(Sequence{5}));
  EXPECT_EQ(failure_of([&] { (void)log().read_run(events_[0].run, kEnd); }).code, "storage.damaged");
  put(Family::kScopeEvents, scope_event_key(scope_digest(events_[0].scope), ScopeSequence{1}), "short");
  EXPECT_EQ(failure_of([&] { (void)log().read_scope(events_[0].scope, ScopeSequence{0}, 10); }).code,
            "storage.damaged");
}

// Each of the following tests changes one stored entry without the log, and expects that opening finds it.
TEST_F(StoredEventLog, OpeningFindsAMissingLastEvent) {
  append(30);
  remove(Family::kEvents, event_key(Sequence{30}));
  EXPECT_EQ(here_.code_of_opening(), "storage.damaged");
  EXPECT_THAT(here_.what, testing::HasSubstr("event 30"));
}

TEST_F(StoredEventLog, OpeningFindsAnEventBehindTheHead) {
  append(30);
  put(Family::kEvents, event_key(Sequence{31}), encode(events_.back()));
  EXPECT_EQ(here_.code_of_opening(), "storage.damaged");
  EXPECT_THAT(here_.what, testing::HasSubstr("event 31"));
}

TEST_F(StoredEventLog, OpeningFindsALostHead) {
  append(30);
  remove(Family::kMeta, kHeadKey);
  EXPECT_EQ(here_.code_of_opening(), "storage.damaged");
}

TEST_F(StoredEventLog, OpeningFindsAnOlderHead) {
  append(20);
  std::string head;
  check(here_.store->db().Get({}, kHeadKey, &head), "a test's read");
  append(10);
  put(Family::kMeta, kHeadKey, head);
  EXPECT_EQ(here_.code_of_opening(), "storage.damaged");
}

TEST_F(StoredEventLog, OpeningFindsAChangedEvent) {
  append(31);
  Envelope changed = events_[30];
  changed.occurred_at = examples::at(1);
  put(Family::kEvents, event_key(Sequence{31}), encode(changed));
  EXPECT_EQ(here_.code_of_opening(), "storage.damaged");
  EXPECT_THAT(here_.what, testing::HasSubstr("tree"));
}

TEST_F(StoredEventLog, OpeningFindsAnEventThatDoesNotDecode) {
  append(31);
  put(Family::kEvents, event_key(Sequence{17}), "garbage");
  EXPECT_EQ(here_.code_of_opening(), "storage.damaged");
  EXPECT_THAT(here_.what, testing::HasSubstr("event 17"));
}

TEST_F(StoredEventLog, OpeningFindsAMissingIndexEntry) {
  append(30);
  remove(Family::kScopeEvents, scope_event_key(scope_digest(events_[29].scope), events_[29].scope_sequence));
  EXPECT_EQ(here_.code_of_opening(), "storage.damaged");
}

TEST_F(StoredEventLog, OpeningFindsAGapFarBackAmongWhatItRecovered) {
  append(kEventsCheckedOnOpen * 5, 50);
  remove(Family::kEvents, event_key(Sequence{3}));
  EXPECT_EQ(here_.code_of_opening(), "storage.damaged");
  EXPECT_THAT(here_.what, testing::HasSubstr("event 3 "));
}

using StoredEventLogDeathTest = StoredEventLog;

TEST_F(StoredEventLogDeathTest, AGapInWhatIsAppendedIsABug) {
  AppendBatch batch = maker_.next(2);
  batch.events.erase(batch.events.begin());
  EXPECT_DEATH((void)log().append(batch), "assertion failed");
}

TEST_F(StoredEventLogDeathTest, TimeThatGoesBackIsABug) {
  AppendBatch batch = maker_.next(2);
  batch.events[1].recorded_at = Time{0};
  EXPECT_DEATH((void)log().append(batch), "assertion failed");
}

}  // namespace
}  // namespace runledger
