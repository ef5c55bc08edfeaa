// One statement per append, on a thread and a session of its own; reads on another session.
//
// Appending. The insert takes the position after the last row, so the primary key makes of it a compare-and-append: of
// two that take the same position, one waits for the other's commit, fails, and tries the next position. Whatever
// Postgres refuses has had no effect and is tried again until the deadline. Whatever it does not answer, or answers
// with a warning, is unknown: a wait for a standby that an administrator cancels ends with a warning and then looks
// like success.
//
// Reading. Rows become visible when their commit has been replicated, with two exceptions: a wait that was cancelled,
// and a server that was restarted while commits waited. Rows are therefore returned only after a commit of this
// session, made after reading them, has reached the quorum: everything before it in the server's log has reached it
// too. The confirmation counts for this session alone, since another one may be with another server.
#include "engines/postgres/shard_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "engines/postgres/session.h"
#include "ledger/base/assert.h"
#include "ledger/base/big_endian.h"
#include "ledger/base/failure.h"
#include "ledger/base/mutex.h"
#include "ledger/base/thread_name.h"
#include "ledger/shard/record.h"

namespace runledger {
namespace {

using Steady = std::chrono::steady_clock;
using Durability = PostgresShardLogOptions::Durability;

constexpr std::chrono::milliseconds kRetryDelay{20};
constexpr std::chrono::milliseconds kPollDelayMin{2};
constexpr std::chrono::milliseconds kPollDelayMax{50};
constexpr const char* kUniqueViolation = "23505";

constexpr const char* kCreateSchema = "create schema if not exists runledger_shards";
constexpr const char* kCreateTable =
    "create table if not exists runledger_shards.entries ("
    " shard integer not null, position bigint not null, record bytea not null, primary key (shard, position))";
// The records are packed already.
constexpr const char* kStoreExternally =
    "alter table runledger_shards.entries alter column record set storage external";

// Warnings are wanted, the wait of each commit is that of the quorum, and no limit that is meant for people holds.
constexpr const char* kConfigure =
    "select set_config('client_min_messages', 'warning', false),"
    " set_config('synchronous_commit',"
    "  case current_setting('synchronous_commit') when 'remote_apply' then 'remote_apply' else 'on' end, false),"
    " set_config('default_transaction_isolation', 'read committed', false),"
    " set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false),"
    " set_config('jit', 'off', false)";

// Whether a commit of this session would wait for a standby.
constexpr const char* kIsQuorum =
    "current_setting('synchronous_commit') in ('on', 'remote_apply')"
    " and current_setting('synchronous_standby_names') <> ''";
constexpr const char* kSettings =
    "select current_setting('fsync'), current_setting('synchronous_commit'),"
    " current_setting('synchronous_standby_names')";

const std::string kAppend = fmt::format(
    "insert into runledger_shards.entries (shard, position, record)"
    " select $1::integer, coalesce(max(position), 0) + 1, $2::bytea from runledger_shards.entries"
    " where shard = $1::integer"
    " returning position, {}",
    kIsQuorum);
// The rows before which there are fewer than $3 bytes: the first in any case.
constexpr const char* kRead =
    "select position, record from ("
    "  select position, record,"
    "   sum(octet_length(record)) over (order by position) - octet_length(record) as bytes_before from ("
    "    select position, record from runledger_shards.entries where shard = $1::integer and position > $2::bigint"
    "    order by position limit 1024) next) sized"
    " where bytes_before < $3::bigint order by position";
constexpr const char* kEnd =
    "select coalesce(max(position), 0) from runledger_shards.entries where shard = $1::integer";
// A commit that changes nothing: a transactional message is in the server's log, for which a commit waits.
const std::string kConfirm =
    fmt::format("select pg_logical_emit_message(true, 'runledger', '') is not null, {}", kIsQuorum);

template <class Number>
std::string parameter(Number number) {
  std::string bytes;
  append_big_endian(bytes, number);
  return bytes;
}

void require_carried_out(const PostgresAnswer& answer) {
  if (answer.sqlstate().empty()) return;
  throw Failure(Remedy::kCallOperator, "engine.failed",
                "the Postgres of the engine: expected a statement to be carried out, found: " + answer.message());
}

void require_safe(const PostgresAnswer& settings, Durability durability) {
  require_carried_out(settings);
  const std::string_view fsync = settings.bytes(0, 0);
  if (durability == Durability::kServer || (fsync == "on" && !settings.bytes(0, 2).empty())) return;
  throw Failure(Remedy::kCorrectInput, "engine.unsafe",
                fmt::format("the Postgres of the engine: expected fsync on and synchronous_standby_names with a quorum "
                            "of standbys, found fsync {} and synchronous_standby_names '{}'",
                            fsync, settings.bytes(0, 2)));
}

// A session that is set up for the statements of this file.
std::unique_ptr<PostgresSession> open(const PostgresShardLogOptions& options, Steady::time_point deadline) {
  auto session = std::make_unique<PostgresSession>(options.dsn);
  require_carried_out(session->execute(kConfigure, deadline));
  require_safe(session->execute(kSettings, deadline), options.durability);
  return session;
}

}  // namespace

struct PostgresShardLog::Impl {
  const PostgresShardLogOptions options;

  // The append under way.
  struct Job {
    std::string stored;
    std::function<void(Appended)> done;
  };
  Mutex mutex;
  Condition arrived;
  std::optional<Job> job RUNLEDGER_GUARDED_BY(mutex);
  bool stopping RUNLEDGER_GUARDED_BY(mutex) = false;

  std::unique_ptr<PostgresSession> appender;  // Used by the thread only. Null: to be opened.
  std::thread thread;

  Mutex reading;
  std::unique_ptr<PostgresSession> reader RUNLEDGER_GUARDED_BY(reading);  // Null: to be opened.
  LogPosition confirmed RUNLEDGER_GUARDED_BY(reading);  // Up to here, `reader` has shown what a quorum has.
  std::chrono::milliseconds poll_delay RUNLEDGER_GUARDED_BY(reading) = kPollDelayMin;

  explicit Impl(PostgresShardLogOptions options_) : options(std::move(options_)) {}

  [[nodiscard]] Steady::time_point deadline() const { return Steady::now() + options.answer_max; }
  void run();
  Appended append(const std::string& stored);
  std::optional<PostgresAnswer> try_append(const std::string& stored, Steady::time_point deadline);
  bool open_appender(Steady::time_point deadline);

  void open_reader(Steady::time_point deadline) RUNLEDGER_REQUIRES(reading);
  std::vector<LogEntry> read_rows(LogPosition after, std::size_t bytes_max, Steady::time_point deadline)
      RUNLEDGER_REQUIRES(reading);
  std::vector<LogEntry> read_once(LogPosition after, std::size_t bytes_max) RUNLEDGER_REQUIRES(reading);
  LogPosition ask_end(Steady::time_point deadline) RUNLEDGER_REQUIRES(reading);
  void confirm(Steady::time_point deadline) RUNLEDGER_REQUIRES(reading);
};

void PostgresShardLog::create(const PostgresShardLogOptions& options) {
  const auto deadline = Steady::now() + options.answer_max;
  const auto session = open(options, deadline);
  // Two nodes may do this at the same time: one of them fails, and then finds what the other made.
  for (const char* statement : {kCreateSchema, kCreateTable, kStoreExternally}) {
    if (!session->execute(statement, deadline).sqlstate().empty()) {
      require_carried_out(session->execute(statement, deadline));
    }
  }
}

PostgresShardLog::PostgresShardLog(PostgresShardLogOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

PostgresShardLog::~PostgresShardLog() {
  {
    const MutexLock lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->arrived.notify_one();
  impl_->thread.join();
}

void PostgresShardLog::append(std::string stored, std::function<void(Appended)> done) {
  RUNLEDGER_ASSERT(!stored.empty() && stored.size() <= kShardRecordBytesMax);
  {
    const MutexLock lock(impl_->mutex);
    RUNLEDGER_ASSERT(!impl_->job);
    impl_->job = Impl::Job{std::move(stored), std::move(done)};
  }
  impl_->arrived.notify_one();
}

void PostgresShardLog::Impl::run() {
  name_thread("shard-append");
  for (;;) {
    Job next;
    {
      MutexLock lock(mutex);
      while (!stopping && !job) arrived.wait(lock);
      if (!job) return;
      next = *std::exchange(job, std::nullopt);
    }
    next.done(append(next.stored));
  }
}

// Returns false when there is no session yet.
bool PostgresShardLog::Impl::open_appender(Steady::time_point deadline) {
  if (appender) return true;
  try {
    appender = open(options, deadline);
    appender->prepare("append", kAppend.c_str(), deadline);
    return true;
  } catch (const Failure&) {  // Nothing was sent yet. The next read says what is wrong.
    appender.reset();
    return false;
  }
}

// Returns nothing when it is unknown whether the row is there.
std::optional<PostgresAnswer> PostgresShardLog::Impl::try_append(const std::string& stored,
                                                                 Steady::time_point deadline) {
  try {
    PostgresAnswer answer = appender->execute("append", {parameter(options.shard), stored}, deadline);
    const bool is_quorum =
        options.durability == Durability::kServer || !answer.sqlstate().empty() || answer.boolean(0, 1);
    if (is_quorum && !appender->was_warned()) return answer;
  } catch (const Failure&) {
  }
  appender.reset();
  return {};
}

ShardLog::Appended PostgresShardLog::Impl::append(const std::string& stored) {
  const Steady::time_point end = deadline();
  while (Steady::now() < end) {
    if (!open_appender(end)) {
      std::this_thread::sleep_for(kRetryDelay);
      continue;
    }
    const std::optional<PostgresAnswer> answer = try_append(stored, end);
    if (!answer) return {};
    if (answer->sqlstate().empty()) return LogPosition{answer->bigint(0, 0)};
    if (answer->sqlstate() == kUniqueViolation) continue;  // Another row took the position.
    appender.reset();  // A standby now, for instance: another host of the DSN may be the primary.
    std::this_thread::sleep_for(kRetryDelay);
  }
  return {};
}

void PostgresShardLog::Impl::open_reader(Steady::time_point deadline) {
  if (reader) return;
  confirmed = {};
  reader = open(options, deadline);
  reader->prepare("read", kRead, deadline);
  reader->prepare("end", kEnd, deadline);
  reader->prepare("confirm", kConfirm.c_str(), deadline);
}

void PostgresShardLog::Impl::confirm(Steady::time_point deadline) {
  const PostgresAnswer answer = reader->execute("confirm", {}, deadline);
  require_carried_out(answer);
  if (options.durability == Durability::kServer) return;
  if (answer.boolean(0, 1) && !reader->was_warned()) return;
  throw Failure(Remedy::kReconnect, "engine.unreachable",
                "the Postgres of the engine: expected a quorum of servers to confirm what was read, found a commit "
                "that did not wait for them");
}

std::vector<LogEntry> PostgresShardLog::Impl::read_rows(LogPosition after, std::size_t bytes_max,
                                                        Steady::time_point deadline) {
  open_reader(deadline);
  const PostgresAnswer answer = reader->execute(
      "read", {parameter(options.shard), parameter(after.value), parameter(std::uint64_t{bytes_max})}, deadline);
  require_carried_out(answer);
  std::vector<LogEntry> entries;
  for (int row = 0; row < answer.rows(); ++row) {
    entries.push_back({LogPosition{answer.bigint(row, 0)}, std::string(answer.bytes(row, 1))});
  }
  if (!entries.empty() && entries.back().position > confirmed) {
    confirm(deadline);
    confirmed = entries.back().position;
  }
  return entries;
}

std::vector<LogEntry> PostgresShardLog::Impl::read_once(LogPosition after, std::size_t bytes_max) {
  try {
    return read_rows(after, bytes_max, deadline());
  } catch (const Failure&) {
    reader.reset();
    throw;
  }
}

LogPosition PostgresShardLog::Impl::ask_end(Steady::time_point deadline) {
  open_reader(deadline);
  const PostgresAnswer answer = reader->execute("end", {parameter(options.shard)}, deadline);
  require_carried_out(answer);
  confirm(deadline);
  return LogPosition{answer.bigint(0, 0)};
}

std::vector<LogEntry> PostgresShardLog::read(LogPosition after, std::size_t bytes_max, std::chrono::milliseconds wait) {
  const Steady::time_point until = Steady::now() + wait;
  for (;;) {
    std::chrono::milliseconds delay{};
    {
      const MutexLock lock(impl_->reading);
      std::vector<LogEntry> entries = impl_->read_once(after, bytes_max);
      impl_->poll_delay = entries.empty() ? std::min(2 * impl_->poll_delay, kPollDelayMax) : kPollDelayMin;
      if (!entries.empty() || Steady::now() >= until) return entries;
      delay = impl_->poll_delay;
    }
    std::this_thread::sleep_for(std::min<Steady::duration>(delay, until - Steady::now()));
  }
}

LogPosition PostgresShardLog::end() {
  const MutexLock lock(impl_->reading);
  try {
    return impl_->ask_end(impl_->deadline());
  } catch (const Failure&) {
    impl_->reader.reset();
    throw;
  }
}

}  // namespace runledger
