// Three real servers that are killed, promoted, rewound and left alone: what was acknowledged stays, and what Postgres
// shows or says without a quorum is neither believed nor passed on.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "ledger/base/failure.h"
#include "tests/fixtures/world/postgres_trio.h"
#include "tests/fixtures/world/shard_log_calls.h"
#include "tests/fixtures/world/shard_nodes.h"

namespace runledger {
namespace {

using namespace std::chrono_literals;

struct PostgresQuorum : testing::Test {
  PostgresTrio servers;
  PrivatePostgres& a = servers.a;
  PrivatePostgres& b = servers.b;
  PrivatePostgres& c = servers.c;

  // Returns the code with which reading the log fails; empty if it does not.
  static std::string code_of_reading(ShardLog& log) {
    try {
      (void)log.read({}, 1U << 20U, 0ms);
    } catch (const Failure& failure) {
      return failure.code();
    }
    return {};
  }
  // Appends until the engine acknowledges again, as after a fail-over.
  static LogPosition append_at_last(ShardLog& log, const std::string& stored) {
    for (int tries = 0; tries < 60; ++tries) {
      if (const ShardLog::Appended position = append_now(log, stored)) return *position;
    }
    throw std::runtime_error("the engine acknowledges nothing");
  }
  static std::vector<LogEntry> read_at_last(ShardLog& log) {
    for (int tries = 0; tries < 60; ++tries) {
      if (code_of_reading(log).empty()) return read_all(log);
    }
    throw std::runtime_error("the engine cannot be read");
  }
};

TEST_F(PostgresQuorum, LosesNothingThatWasAcknowledgedWhenThePrimaryIsKilledUnderLoad) {
  PostgresShardLog log(servers.options());
  std::vector<LogEntry> acknowledged;
  std::atomic<bool> stop = false;
  std::atomic<std::size_t> count = 0;
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) {
      const std::string stored = fmt::format("entry {}", i);
      if (const ShardLog::Appended position = append_now(log, stored)) acknowledged.push_back({*position, stored});
      count = acknowledged.size();
    }
  });
  const auto wait_for = [&count](std::size_t acknowledged_ones) {
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (count < acknowledged_ones && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(1ms);
    EXPECT_GE(count, acknowledged_ones);
  };
  wait_for(100);
  a.stop_at_once();
  PrivatePostgres& next = PostgresTrio::ahead_of(b, c);
  PrivatePostgres& other = &next == &b ? c : b;
  next.promote();
  other.follow(next);
  wait_for(count + 50);
  stop = true;
  writer.join();
  const std::vector<LogEntry> read = read_all(log);
  for (const LogEntry& entry : acknowledged) EXPECT_EQ(read.at(entry.position.value - 1), entry);
  a.rewind(next);
  PostgresTrio::wait_for_standbys(next, 2);
}

TEST_F(PostgresQuorum, OfTwoPrimariesOnlyTheOneWithAStandbyAcknowledges) {
  PostgresShardLog by_a(PostgresTrio::options(a));
  PostgresShardLog by_b(PostgresTrio::options(b));
  ASSERT_TRUE(append_now(by_a, "before"));
  b.promote();  // While a lives, and c follows it.
  EXPECT_TRUE(append_now(by_a, "by a"));
  EXPECT_EQ(append_now(by_b, "by b"), std::nullopt);
  EXPECT_EQ(code_of_reading(by_b), "engine.unreachable");
  EXPECT_EQ(read_all(by_a).back().stored, "by a");
}

TEST_F(PostgresQuorum, RefusesAPrimaryThatWouldAcknowledgeAlone) {
  b.query("alter system reset synchronous_standby_names");
  b.query("select pg_reload_conf()");
  b.promote();
  PostgresShardLog by_b(PostgresTrio::options(b));
  EXPECT_EQ(code_of_reading(by_b), "engine.unsafe");
  EXPECT_EQ(append_now(by_b, "by b"), std::nullopt);
  EXPECT_EQ(PostgresTrio::rows(b), 0);
}

TEST_F(PostgresQuorum, AnOldPrimaryWithoutItsStandbysAcknowledgesNothingMore) {
  PostgresShardLog by_a(PostgresTrio::options(a));
  PostgresShardLog by_b(PostgresTrio::options(b));
  ASSERT_TRUE(append_now(by_a, "before"));
  c.follow(b);
  b.promote();
  EXPECT_EQ(append_now(by_a, "by a"), std::nullopt);
  EXPECT_EQ(append_at_last(by_b, "by b").value, 2U);
  EXPECT_EQ(read_at_last(by_b).back().stored, "by b");
  EXPECT_EQ(code_of_reading(by_a), "engine.unreachable");
}

TEST_F(PostgresQuorum, ShowsNothingOfARestartedPrimaryThatWasNeverReplicated) {
  {
    PostgresShardLog by_a(PostgresTrio::options(a));
    ASSERT_TRUE(append_now(by_a, "before"));
    b.stop_at_once();
    c.stop_at_once();
    EXPECT_EQ(append_now(by_a, "never replicated"), std::nullopt);
  }
  a.stop_at_once();
  b.start();
  c.start();
  b.promote();
  c.follow(b);
  a.start();  // As a primary, which nobody follows.
  EXPECT_EQ(PostgresTrio::rows(a), 2);
  PostgresShardLog by_a(PostgresTrio::options(a));
  EXPECT_EQ(code_of_reading(by_a), "engine.unreachable");
  a.stop_at_once();
  a.rewind(b);
  PostgresTrio::wait_for_standbys(b, 2);
  PostgresShardLog log(servers.options());
  EXPECT_EQ(append_at_last(log, "after").value, 2U);
  EXPECT_EQ(read_all(log).back().stored, "after");
}

TEST_F(PostgresQuorum, DoesNotWaitForEverWithoutStandbys) {
  PostgresShardLog log(PostgresTrio::options(a));
  ASSERT_TRUE(append_now(log, "before"));
  b.stop_at_once();
  c.stop_at_once();
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(append_now(log, "waits"), std::nullopt);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
  // A second append waits for the first at the same position, and is ended as well.
  EXPECT_EQ(append_now(log, "waits too"), std::nullopt);
  b.start();
  const LogPosition last = append_at_last(log, "after");
  const std::vector<LogEntry> read = read_all(log);
  EXPECT_EQ(read.back(), (LogEntry{last, "after"}));
  EXPECT_EQ(read.at(1).stored, "waits");  // Unknown was the truth: it has arrived after all.
}

TEST_F(PostgresQuorum, TakesACancelledWaitForUnknown) {
  PostgresShardLog log(PostgresTrio::options(a));
  ASSERT_TRUE(append_now(log, "before"));
  b.stop_at_once();
  c.stop_at_once();
  auto answer = append_later(log, "cancelled");
  while (a.query("select count(pg_cancel_backend(pid)) from pg_stat_activity where wait_event = 'SyncRep'") == "0") {
  }
  EXPECT_EQ(answer.get(), std::nullopt);
  EXPECT_EQ(PostgresTrio::rows(a), 2);  // Visible, and on one machine only.
  EXPECT_EQ(code_of_reading(log), "engine.unreachable");
  b.start();
  EXPECT_EQ(read_at_last(log).size(), 2U);
}

TEST_F(PostgresQuorum, CarriesAShardOverTheLossOfThePrimary) {
  PostgresShardLog by_first(servers.options());
  PostgresShardLog by_second(servers.options());
  ShardNode first(by_first, "first");
  ShardNode second(by_second, "second", 5);
  ASSERT_TRUE(first.leads_within(20s));
  ASSERT_EQ(first.commit("before"), CommitOutcome::kIn);
  a.stop_at_once();
  PrivatePostgres& next = PostgresTrio::ahead_of(b, c);
  next.promote();
  (&next == &b ? c : b).follow(next);
  ShardNode* leader = nullptr;
  for (int tries = 0; tries < 100 && leader == nullptr; ++tries) {
    for (ShardNode* node : {&first, &second}) {
      if (node->commit("after") == CommitOutcome::kIn) leader = node;
      if (leader != nullptr) break;
    }
  }
  ASSERT_NE(leader, nullptr);
  ShardNode& follower = leader == &first ? second : first;
  ASSERT_TRUE(follower->wait_for((*leader)->position(), 20s));
  EXPECT_EQ(follower.events(), leader->events());
  EXPECT_EQ(leader->events(), (std::vector<std::string>{"before", "after"}));
  EXPECT_EQ(first.stopped_by(), std::nullopt);
  EXPECT_EQ(second.stopped_by(), std::nullopt);
}

}  // namespace
}  // namespace runledger
