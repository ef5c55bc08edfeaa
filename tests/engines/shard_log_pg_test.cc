// What every engine must do, shown of each: the one in memory and Postgres. No engine has an exception here.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <thread>

#include "engines/postgres/shard_log.h"
#include "ledger/shard/memory_log.h"
#include "ledger/shard/record.h"
#include "tests/fixtures/world/private_postgres.h"
#include "tests/fixtures/world/shard_log_calls.h"
#include "tests/fixtures/world/shard_nodes.h"
#include "tests/fixtures/world/troubled_shard_log.h"

namespace runledger {
namespace {

using namespace std::chrono_literals;

// An engine with its logs.
class Engine {
 public:
  virtual ~Engine() = default;
  // A client of the log of a shard, as another node has it.
  virtual std::unique_ptr<ShardLog> connect(std::uint32_t shard) = 0;
};

class MemoryEngine final : public Engine {
 public:
  std::unique_ptr<ShardLog> connect(std::uint32_t shard) override {
    return std::make_unique<TroubledShardLog>(logs_[shard]);  // Without any trouble.
  }

 private:
  std::map<std::uint32_t, MemoryShardLog> logs_;
};

class PostgresEngine final : public Engine {
 public:
  PostgresEngine() { PostgresShardLog::create(options_); }
  std::unique_ptr<ShardLog> connect(std::uint32_t shard) override {
    options_.shard = shard;
    return std::make_unique<PostgresShardLog>(options_);
  }

 private:
  PostgresShardLogOptions options_{.dsn = PrivatePostgres::shared().make_database(),
                                   .durability = PostgresShardLogOptions::Durability::kServer};
};

struct EngineKind {
  const char* name;
  std::unique_ptr<Engine> (*make)();
};

template <class Kind>
std::unique_ptr<Engine> make_engine() {
  return std::make_unique<Kind>();
}

class ShardEngine : public testing::TestWithParam<EngineKind> {
 protected:
  std::unique_ptr<Engine> engine = GetParam().make();
  std::unique_ptr<ShardLog> log = engine->connect(0);
};

TEST_P(ShardEngine, BeginsWithAnEmptyLog) {
  EXPECT_EQ(log->end(), LogPosition{});
  EXPECT_TRUE(log->read({}, 1000, 1ms).empty());
}

TEST_P(ShardEngine, GivesBackEveryByteInOrder) {
  std::string all_bytes;
  for (int i = 0; i < 256; ++i) all_bytes += static_cast<char>(i);
  std::vector<LogEntry> expected;
  for (const std::string& stored : {std::string("first"), all_bytes, std::string(1, '\0')}) {
    const ShardLog::Appended position = append_now(*log, stored);
    ASSERT_TRUE(position);
    expected.push_back({*position, stored});
  }
  EXPECT_EQ(read_all(*engine->connect(0)), expected);
  EXPECT_EQ(log->end(), expected.back().position);
}

TEST_P(ShardEngine, AnswersWithTheNextPositionWhenNothingLiesBetween) {
  LogPosition last = append_now(*log, "0").value();
  for (int i = 1; i < 20; ++i) {
    const LogPosition position = append_now(*log, std::to_string(i)).value();
    EXPECT_EQ(position, last.next());
    last = position;
  }
}

TEST_P(ShardEngine, ReadsAtLeastOneEntryAndNoMoreBytesThanAsked) {
  for (const std::size_t size : {600U, 300U, 300U, 500U}) ASSERT_TRUE(append_now(*log, std::string(size, 'x')));
  const auto sizes_after = [&](std::uint64_t after, std::size_t bytes_max) {
    std::vector<std::size_t> sizes;
    for (const LogEntry& entry : log->read(LogPosition{after}, bytes_max, 10s)) sizes.push_back(entry.stored.size());
    return sizes;
  };
  EXPECT_EQ(sizes_after(0, 1).size(), 1U);
  EXPECT_EQ(sizes_after(1, 600), (std::vector<std::size_t>{300, 300}));
  EXPECT_EQ(sizes_after(0, 10'000).size(), 4U);
}

TEST_P(ShardEngine, TakesTheLargestRecord) {
  const std::string largest(kShardRecordBytesMax, 'x');
  ASSERT_TRUE(append_now(*log, largest));
  ASSERT_TRUE(append_now(*log, largest));
  EXPECT_EQ(read_all(*log).back().stored, largest);
}

TEST_P(ShardEngine, WakesAReaderWhenAnEntryComes) {
  const std::unique_ptr<ShardLog> other = engine->connect(0);
  auto reading = std::async(std::launch::async, [&] { return other->read({}, 1000, 60s); });
  ASSERT_TRUE(append_now(*log, "awaited"));
  EXPECT_EQ(reading.get().at(0).stored, "awaited");
}

TEST_P(ShardEngine, EndsNotBeforeWhatWasAcknowledgedToAnother) {
  const std::unique_ptr<ShardLog> other = engine->connect(0);
  for (int i = 0; i < 20; ++i) {
    const LogPosition acknowledged = append_now(*log, "entry").value();
    EXPECT_EQ(other->end(), acknowledged);
  }
}

TEST_P(ShardEngine, KeepsShardsApart) {
  const std::unique_ptr<ShardLog> other = engine->connect(1);
  ASSERT_TRUE(append_now(*log, "of shard 0"));
  EXPECT_EQ(other->end(), LogPosition{});
  ASSERT_TRUE(append_now(*other, "of shard 1"));
  EXPECT_EQ(read_all(*other).at(0).stored, "of shard 1");
  EXPECT_EQ(read_all(*log).size(), 1U);
}

TEST_P(ShardEngine, PutsEveryEntryOfManyAppendersWhereItSaysInOneOrder) {
  constexpr int kAppenders = 4;
  constexpr int kEntries = 100;
  std::vector<std::future<std::vector<LogEntry>>> appenders;
  for (int n = 0; n < kAppenders; ++n) {
    appenders.push_back(std::async(std::launch::async, [n, own = engine->connect(0)] {
      std::vector<LogEntry> acknowledged;
      for (int i = 0; i < kEntries; ++i) {
        const std::string stored = fmt::format("{} of {}", i, n);
        if (const ShardLog::Appended position = append_now(*own, stored)) acknowledged.push_back({*position, stored});
      }
      return acknowledged;
    }));
  }
  // It reads while they append, and must not miss an entry that becomes visible after a later one.
  std::vector<LogEntry> read;
  while (read.size() < static_cast<std::size_t>(kAppenders) * kEntries) {
    const auto more = log->read(read.empty() ? LogPosition{} : read.back().position, 2000, 20s);
    ASSERT_FALSE(more.empty());
    read.insert(read.end(), more.begin(), more.end());
  }
  std::vector<LogEntry> acknowledged;
  for (auto& appender : appenders) {
    for (LogEntry& entry : appender.get()) acknowledged.push_back(std::move(entry));
  }
  std::sort(acknowledged.begin(), acknowledged.end(),
            [](const LogEntry& a, const LogEntry& b) { return a.position < b.position; });
  EXPECT_EQ(read, acknowledged);
  EXPECT_EQ(read_all(*log), read);
}

TEST_P(ShardEngine, CarriesAShardWhoseLeadersChange) {
  const auto first = engine->connect(0);
  const auto second = engine->connect(0);
  SeatOptions calm = ShardNode::options_of("a", 0);
  calm.silence_max = 2s;
  auto a = std::make_unique<ShardNode>(*first, calm);
  ASSERT_TRUE(a->leads_within(20s));
  calm.node = "b";
  calm.rank = 1;
  ShardNode b(*second, calm);
  std::vector<std::string> expected;
  for (int i = 0; i < 50; ++i) {
    expected.push_back(fmt::format("event {}", i));
    ASSERT_EQ(a->commit(expected.back()), CommitOutcome::kIn);
  }
  EXPECT_EQ(a->events(), expected);
  a.reset();
  ASSERT_TRUE(b.leads_within(20s));
  EXPECT_EQ(b.events(), expected);
  EXPECT_EQ(b.commit("of b"), CommitOutcome::kIn);
  EXPECT_EQ(b.stopped_by(), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Memory, ShardEngine, testing::Values(EngineKind{"memory", &make_engine<MemoryEngine>}));
INSTANTIATE_TEST_SUITE_P(Postgres, ShardEngine, testing::Values(EngineKind{"postgres", &make_engine<PostgresEngine>}));

}  // namespace
}  // namespace runledger
