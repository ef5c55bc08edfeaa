// Connects, takes the lock, writes batches, and begins again when the connection is lost.
//
// Mirror is the interface; this class has the parts that following and rebuilding share. All work goes through
// persist(), a loop that connects when there is no connection, does the work, and after a failure drops the connection,
// waits with a growing delay, and tries again.
//
// connect() does its steps in a fixed order: it takes an advisory lock for the session, checks that the mirror belongs
// to this ledger and to the history of its log before it changes anything, starts over if tables were dropped,
// migrates, creates the staging table, and reads the checkpoint into `standing`. The server frees the lock when the
// session ends, so a projector that was killed leaves nothing to clean up. It may do so late, hence "mirror.busy" is
// retried for a while.
//
// write_next_batch() folds a batch of events onto rows from the cache or the log, writes them, and moves the checkpoint
// by compare-and-set, all in one transaction. This gives the invariant of the mirror: operation_runs = fold(events
// 1..checkpoint) at every commit, and the same for operation_run_attempts. A batch is written in the cheap way first,
// by COPY of the rows of new runs and updates of the others. If that finds other rows than it expects, because someone
// removed or added some, the transaction is abandoned, and the batch is written row by row, whatever is there. A mirror
// without rows is filled (mirror_fill.h), and so are the attempts of one that an earlier version wrote without them.
//
// A connection that is lost during a COMMIT leaves open whether the batch was written. There is no need to know:
// connect() reads the checkpoint, which says so. The batch took its rows out of the cache, so the remaining ones are
// right at the old checkpoint, and connect() clears the cache when it finds any other one.
#include "projections/postgres/mirror_session.h"

#include <algorithm>
#include <pqxx/except>
#include <pqxx/result>
#include <pqxx/transaction>
#include <thread>
#include <vector>

#include "ledger/base/failure.h"
#include "ledger/base/retry.h"
#include "projections/postgres/erased_rows.h"
#include "projections/postgres/migrations.h"
#include "projections/postgres/mirror_fill.h"
#include "projections/postgres/mirror_rows.h"
#include "projections/postgres/mirror_schema.h"

namespace runledger {
namespace {

using Steady = std::chrono::steady_clock;  // Clock is the ledger's own.
using Milliseconds = std::chrono::milliseconds;

// A lock may outlive its projector for a moment, until the server has noticed that the connection is gone: after a kill
// -9 of the previous program when we open the mirror; for longer after the network has cut our own connection.
constexpr Milliseconds kLockTimeoutOnOpening{2000};
constexpr Milliseconds kLockTimeoutAfterLoss{120'000};

// How often in a row a missing table leads to another try.
constexpr int kDroppedTablesMax = 5;

void sleep_for(Milliseconds delay, const std::function<bool()>& give_up) {
  const Steady::time_point end = Steady::now() + delay;
  while (Steady::now() < end && !give_up())
    std::this_thread::sleep_for(
        std::min(MirrorSession::kStopAskedEvery, std::chrono::ceil<Milliseconds>(end - Steady::now())));
}

void check_tables_free(pqxx::connection_base& connection, const std::string& schema) {
  pqxx::read_transaction transaction(connection);
  require_free_tables(transaction, schema);
}

// Makes room for new tables if some of the mirror were dropped. `is_known` says that the rows are of this ledger.
void start_over_if_dropped(pqxx::connection_base& connection, bool is_known) {
  pqxx::work transaction(connection);
  if (!has_lost_tables(transaction)) return;
  const bool has_rows =
      !transaction.exec1("select to_regclass('operation_runs') is null")[0].as<bool>() && !is_empty(transaction);
  if (has_rows && !is_known && !read_checkpoint(transaction))
    throw Failure(Remedy::kDamageFound, "mirror.drifted",
                  "the mirror: expected all of its tables, found rows without ledger_projections, which says of which "
                  "ledger they are: drop operation_runs, and a new mirror is made");
  drop_derived_tables(transaction);
  transaction.commit();
}

// The number of the lock is a hash of the name of the schema. Postgres keeps the locks of each database apart, so there
// is one lock per mirror.
void take_lock(pqxx::connection_base& connection, const std::string& schema) {
  pqxx::work transaction(connection);
  const bool taken =
      transaction
          .exec_params1("select pg_try_advisory_lock(hashtextextended('runledger.operation_runs in ' || $1, 0))",
                        schema)[0]
          .as<bool>();
  transaction.commit();
  if (!taken)
    throw Failure(
        Remedy::kRetryLater, "mirror.busy",
        "the mirror in schema " + schema + ": expected its lock to be free, found it held by another projector");
}

void make_batch_tables(pqxx::connection_base& connection) {
  pqxx::work transaction(connection);
  for (const MirrorTable* table : {&runs_table(), &attempts_table()})
    make_staging_table(transaction, *table, table->batch, OnCommit::kDeleteRows);
  transaction.commit();
}

// A mirror that was never written to starts before the first event. Rows without a checkpoint stay as they are: another
// application may own them.
std::optional<MirrorCheckpoint> read_or_put_checkpoint(pqxx::connection_base& connection, LedgerId ledger) {
  pqxx::work transaction(connection);
  std::optional<MirrorCheckpoint> standing = read_checkpoint(transaction);
  if (!standing && transaction.exec1("select not exists (select from operation_runs)")[0].as<bool>()) {
    put_checkpoint(transaction, checkpoint_after(ledger, {}));
    standing = read_checkpoint(transaction);
  }
  transaction.commit();
  return standing;
}

// The rows of a batch that change a row of the mirror, and those that are new in it.
template <class Row>
struct BatchRows {
  std::vector<const Row*> old_ones;
  std::vector<const Row*> new_ones;

  void add(const Row& row, Sequence from) { (row.first_sequence > from ? new_ones : old_ones).push_back(&row); }
};

template <class Row>
void copy_rows(pqxx::transaction_base& transaction, const MirrorTable& table, const char* into,
               const std::vector<const Row*>& rows) {
  if (rows.empty()) return;
  MirrorRowStream stream(transaction, table, into);
  for (const Row* row : rows) stream.add(*row);
  stream.finish();
}

// Writes rows, if the table has exactly those of them that it had before the batch: new ones by COPY, and the others by
// `update`. Returns false when it has not, after which the transaction must be abandoned.
template <class Row>
bool write_expected(pqxx::transaction_base& transaction, const MirrorTable& table, const BatchRows<Row>& rows,
                    std::uint64_t (*update)(pqxx::transaction_base&)) {
  copy_rows(transaction, table, table.batch, rows.old_ones);
  if (!rows.old_ones.empty() && update(transaction) != rows.old_ones.size()) return false;
  // New rows come last, as an update may take an identity from the row that had it.
  try {
    copy_rows(transaction, table, table.name, rows.new_ones);
  } catch (const pqxx::unique_violation&) {
    return false;
  }
  return true;
}

bool write_expected_rows(pqxx::transaction_base& transaction, const MirrorBatch& batch) {
  BatchRows<OperationRun::Row> runs;
  BatchRows<OperationRunAttempt::Row> attempts;
  for (const RunWithAttempts& run : batch.runs) {
    runs.add(run.row, batch.from);
    for (const OperationRunAttempt::Row& attempt : run.attempts)
      if (attempt.last_sequence > batch.from) attempts.add(attempt, batch.from);
  }
  return write_expected(transaction, runs_table(), runs, update_runs_from_batch) &&
         write_expected(transaction, attempts_table(), attempts, update_attempts_from_batch);
}

// Writes all rows of the runs of a batch, whatever rows of them the mirror has, because someone removed or added some.
bool write_any_rows(pqxx::transaction_base& transaction, const MirrorBatch& batch) {
  std::vector<const OperationRun::Row*> runs;
  std::vector<const OperationRunAttempt::Row*> attempts;
  for (const RunWithAttempts& run : batch.runs) {
    runs.push_back(&run.row);
    for (const OperationRunAttempt::Row& attempt : run.attempts) attempts.push_back(&attempt);
  }
  copy_rows(transaction, runs_table(), runs_table().batch, runs);
  copy_rows(transaction, attempts_table(), attempts_table().batch, attempts);
  upsert_batch(transaction);
  return true;
}

// Reports to `progress`, and gives up when `stop` says so.
Progress until_stopped(const std::function<bool()>& stop, const Progress& progress) {
  return [&stop, &progress](std::uint64_t done, std::uint64_t total) {
    if (stop && stop())
      throw Failure(Remedy::kReconnect, "mirror.unreachable", "the mirror: expected time to fill it, found a stop");
    if (progress) progress(done, total);
  };
}

}  // namespace

void MirrorSession::check_belongs_here(pqxx::connection_base& raw) const {
  std::optional<MirrorCheckpoint> found;
  {
    pqxx::work transaction(raw);  // Ends before the log is read, which may take long.
    found = read_checkpoint(transaction);
  }
  // The session itself has folded the log up to `standing`, so there is nothing to find out about it.
  if (found && found != standing) check_belongs(*found, log);
}

void MirrorSession::connect() {
  auto fresh = connect_to_mirror(options, ledger_id(), PostgresUse::kWrite);
  const std::string& schema = fresh->schema();
  const std::optional<MirrorCheckpoint> found = fresh->guarded([&](pqxx::connection_base& raw) {
    take_lock(raw, schema);
    check_tables_free(raw, schema);  // These two come before anything is changed.
    check_belongs_here(raw);
    start_over_if_dropped(raw, opened);
    migrate(raw, schema);
    make_batch_tables(raw);
    return read_or_put_checkpoint(raw, ledger_id());
  });
  // A server that took over may lack the last transactions, or a backup may have been restored.
  if (found != standing) cache.clear();
  standing = found;
  options.schema = schema;  // Another connection continues there, whatever others make or drop elsewhere.
  connection = std::move(fresh);
  publish_checkpoint();
}

void MirrorSession::persist(const std::function<void()>& work, const std::function<bool()>& give_up) {
  const Milliseconds lock_timeout = opened ? kLockTimeoutAfterLoss : kLockTimeoutOnOpening;
  std::optional<Steady::time_point> locked_since;
  int dropped_tables = 0;
  const RetryDelays delays{.first = options.reconnect_delay_min, .max = options.reconnect_delay_max};
  for (unsigned tries = 1;; ++tries) {
    try {
      if (!connection) connect();
      opened = true;
      work();
      return;
    } catch (const Failure& failure) {
      const bool locked = !connection && failure.code() == "mirror.busy";
      connection.reset();
      if (locked && !locked_since) locked_since = Steady::now();
      const bool lock_may_pass = locked && Steady::now() - *locked_since < lock_timeout;
      // A table that is missing although all of the mirror's are there is another's, such as one that a trigger names.
      const bool is_of_others = failure.code() == "mirror.tables_dropped" && ++dropped_tables == kDroppedTablesMax;
      const bool may_pass = (failure.remedy() == Remedy::kReconnect && !is_of_others) || lock_may_pass;
      if (!may_pass || give_up()) throw;
    }
    sleep_for(jittered(delays.after(tries), jitter), give_up);
  }
}

std::function<bool()> MirrorSession::give_up_after_timeout() const {
  return [end = Steady::now() + timeout] { return Steady::now() >= end; };
}

void MirrorSession::publish_checkpoint() {
  if (!standing) return;
  published_checkpoint = static_cast<std::int64_t>(standing->sequence.value);
  if (on_checkpoint) on_checkpoint(standing->sequence);
}

void MirrorSession::check_can_follow() const {
  if (!standing)
    throw Failure(Remedy::kDamageFound, "mirror.drifted",
                  "the mirror: expected rows with a checkpoint, found rows without one; rebuild it");
  check_revision(*standing);
  check_history_known(*standing);
}

void MirrorSession::write_next_batch(const std::function<bool()>& stop, const Progress& progress) {
  const Sequence last = log.last();
  if (!has_attempts(*standing)) fill_missing_attempts(stop, progress);
  if (standing->sequence >= last) return;
  const bool is_long_first_follow = standing->sequence == Sequence{} && last.value > options.events_per_batch_max;
  if (is_long_first_follow && fill(stop, progress)) return;
  write_batch_after_standing();
}

void MirrorSession::fill_missing_attempts(const std::function<bool()>& stop, const Progress& progress) {
  MirrorCheckpoint after = *standing;
  after.attempts_revision = OperationRunAttempt::kRevision;
  connection->guarded([&](pqxx::connection_base& raw) {
    pqxx::work transaction(raw);
    lock_rows(transaction);
    fill_attempts(transaction, log, after.sequence, until_stopped(stop, progress));
    move_checkpoint(transaction, *standing, after);
    transaction.commit();
  });
  standing = after;
}

bool MirrorSession::fill(const std::function<bool()>& stop, const Progress& progress) {
  const MirrorCheckpoint after = checkpoint_after(ledger_id(), log.head().tree);
  const Progress report = until_stopped(stop, progress);
  cache.clear();
  const bool filled = connection->guarded([&](pqxx::connection_base& raw) {
    pqxx::work transaction(raw);
    lock_rows(transaction);
    if (!can_fill(transaction)) return false;
    try {
      (void)fill_empty(transaction, log, after.sequence, cache, report);
      move_checkpoint(transaction, *standing, after);
      transaction.commit();
    } catch (...) {
      cache.clear();  // Its rows are not those of `standing`.
      throw;
    }
    return true;
  });
  if (!filled) return false;
  standing = after;
  publish_checkpoint();
  return true;
}

void MirrorSession::write_batch_after_standing() {
  MirrorBatch batch = fold_batch(log, tree_of(*standing).value(), batch_limits(), cache);
  const MirrorCheckpoint after = checkpoint_after(ledger_id(), batch.tree);
  connection->guarded([&](pqxx::connection_base& raw) {
    const auto written = [&](bool (*write_rows)(pqxx::transaction_base&, const MirrorBatch&)) {
      pqxx::work transaction(raw);
      if (!write_rows(transaction, batch)) return false;
      if (batch.erased) erase_content(transaction, *batch.erased);
      move_checkpoint(transaction, *standing, after);
      transaction.commit();
      return true;
    };
    if (!written(write_expected_rows)) (void)written(write_any_rows);
    if (batch.erased) vacuum_rows(raw);
  });
  standing = after;
  publish_checkpoint();
  if (batch.erased) return cache.clear();  // Its runs have the content still.
  for (RunWithAttempts& run : batch.runs) {
    if (run.row.status == RunStatus::kCompleted) continue;  // It has hardly ever another event.
    const RunId id = run.row.id;
    cache.put(id, std::move(run));
  }
}

MirrorBatchLimits MirrorSession::batch_limits() const {
  const std::size_t lag = log.last().value - standing->sequence.value;
  if (lag <= options.events_per_batch_max) return {.events = options.events_per_batch_max};
  return {.events = options.events_per_long_batch_max, .bytes = kLongBatchBytesMax};
}

void MirrorSession::check_tables() const {
  connection->guarded([](pqxx::connection_base& raw) {
    pqxx::read_transaction transaction(raw);
    if (!has_all_tables(transaction))
      throw Failure(Remedy::kReconnect, "mirror.tables_dropped", "the mirror: expected its tables, found some missing");
  });
}

void MirrorSession::catch_up(Sequence target, const Progress& progress) {
  check_can_follow();
  while (standing->sequence < target || !has_attempts(*standing)) {
    persist(
        [&] {
          check_can_follow();
          write_next_batch({}, progress);
        },
        give_up_after_timeout());
    if (progress) progress(standing->sequence.value, target.value);
  }
}

}  // namespace runledger
