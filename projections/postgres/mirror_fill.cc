// Copies rows straight into the live tables while the log is folded, and builds the indexes afterwards.
//
// Building an index once costs a third of maintaining it row by row. The tables themselves stay, with their grants,
// views, columns and settings; their indexes are dropped before the copy and created again after it, all in the
// caller's transaction and under a lock that keeps readers out.
//
// The fold and the copy run side by side, on a core each: fold_once() gives a run as soon as it seems finished.
// A few runs have another event after that, and their rows are written again before the indexes are built.
#include "projections/postgres/mirror_fill.h"

#include <optional>
#include <pqxx/result>
#include <string>
#include <vector>

#include "ledger/base/damage.h"
#include "projections/folds/fold.h"
#include "projections/postgres/mirror_rows.h"

namespace runledger {
namespace {

// Indexes that can be dropped and created again without a trace: nothing else depends on them (a foreign key of another
// table does, for example), and their definition says all there is to say. The others are maintained row by row.
constexpr const char* kPlainIndexes = R"(
  select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition,
    quote_ident(conname) as constraint_name, pg_get_constraintdef(con.oid) as constraint_definition
  from pg_index i join pg_class c on c.oid = indexrelid
    left join pg_constraint con on con.conindid = indexrelid and con.conrelid = indrelid
  where indrelid = $1::regclass and indisvalid and not indisreplident and not indisclustered
    and reltablespace = 0 and obj_description(indexrelid, 'pg_class') is null
    and (con.oid is null or contype = 'p' and not condeferrable and reloptions is null
      and obj_description(con.oid, 'pg_constraint') is null)
    and not exists (select from pg_depend
      where (refclassid = 'pg_class'::regclass and refobjid = indexrelid
        or refclassid = 'pg_constraint'::regclass and refobjid = con.oid)
      and not (classid = 'pg_class'::regclass and objid = indexrelid)))";

// Statements that create what was dropped.
struct DroppedIndexes {
  std::vector<std::string> primary_key;
  std::vector<std::string> others;
};

DroppedIndexes drop_indexes(pqxx::transaction_base& transaction, const MirrorTable& table) {
  const std::string alter = std::string("alter table ") + table.name + " ";
  DroppedIndexes dropped;
  for (const pqxx::row& index : transaction.exec_params(kPlainIndexes, table.name)) {
    if (index["constraint_name"].is_null()) {
      transaction.exec0("drop index " + index["name"].as<std::string>());
      dropped.others.push_back(index["definition"].as<std::string>());
    } else {
      const auto name = index["constraint_name"].as<std::string>();
      transaction.exec0(alter + "drop constraint " + name);
      dropped.primary_key.push_back(alter + "add constraint " + name + " " +
                                    index["constraint_definition"].as<std::string>());
    }
  }
  return dropped;
}

void carry_out(pqxx::transaction_base& transaction, const std::vector<std::string>& statements) {
  for (const std::string& statement : statements) transaction.exec0(statement);
}

bool owns(pqxx::transaction_base& transaction, const MirrorTable& table) {
  return transaction
      .exec_params1("select pg_has_role(relowner, 'usage') from pg_class where oid = $1::regclass", table.name)[0]
      .as<bool>();
}

bool has_no_rows(pqxx::transaction_base& transaction, const MirrorTable& table) {
  return transaction.exec1(std::string("select not exists (select from ") + table.name + ")")[0].as<bool>();
}

RunWithAttempts require_fold(const EventLog& log, RunId run, Sequence to) {
  std::optional<RunWithAttempts> folded = fold_run_with_attempts(log, run, to);
  if (!folded) throw_damaged("expected the events of run " + format_uuid(run.value) + ", found none");
  return *std::move(folded);
}

// Writes the attempts of runs again, in place of those that were copied too early. Returns by how many the table grew.
std::uint64_t write_attempts_again(pqxx::transaction_base& transaction, const EventLog& log,
                                   const std::vector<RunId>& runs, Sequence to) {
  if (runs.empty()) return 0;
  const MirrorTable& table = attempts_table();
  make_staging_table(transaction, table, table.fold, OnCommit::kDrop);
  MirrorRowStream rows(transaction, table, table.fold);
  for (const RunId& run : runs)
    for (const OperationRunAttempt::Row& attempt : require_fold(log, run, to).attempts) rows.add(attempt);
  rows.finish();
  return replace_rows(transaction, table);
}

// The same for the runs themselves.
void write_runs_again(pqxx::transaction_base& transaction, const EventLog& log, const std::vector<RunId>& runs,
                      Sequence to) {
  if (runs.empty()) return;
  const MirrorTable& table = runs_table();
  make_staging_table(transaction, table, table.fold, OnCommit::kDrop);
  MirrorRowStream rows(transaction, table, table.fold);
  for (const RunId& run : runs) rows.add(require_fold(log, run, to).row);
  rows.finish();
  (void)replace_rows(transaction, table);
}

// Copies runs into one table and their attempts into the other. Only one COPY at a time can be under way, so attempts
// wait in memory until they are worth another one.
class FilledTables {
 public:
  explicit FilledTables(pqxx::transaction_base& transaction) : transaction_(transaction) {}

  void add(const RunWithAttempts& run) {
    ++rows_.runs;
    rows_.attempts += run.attempts.size();
    if (!runs_) runs_.emplace(transaction_, runs_table(), runs_table().name);
    runs_->add(run.row);
    for (const OperationRunAttempt::Row& attempt : run.attempts) {
      write_tuple(tuple_, attempt, JsonForm::kCanonical);
      attempts_ += tuple_.view();
    }
    if (attempts_.size() >= kWaitingBytesMax) flush();
  }

  void flush() {
    if (runs_) runs_->finish();
    runs_.reset();
    if (attempts_.empty()) return;
    MirrorRowStream attempts(transaction_, attempts_table(), attempts_table().name);
    attempts.add_tuples(attempts_);
    attempts.finish();
    attempts_.clear();
  }

  // The numbers of rows that were added.
  [[nodiscard]] FilledRows rows() const { return rows_; }

 private:
  static constexpr std::size_t kWaitingBytesMax = 8U << 20U;

  pqxx::transaction_base& transaction_;
  std::optional<MirrorRowStream> runs_;
  std::string attempts_;  // Tuples.
  CopyTuple tuple_;
  FilledRows rows_;
};

}  // namespace

bool is_empty(pqxx::transaction_base& transaction) {
  return has_no_rows(transaction, runs_table());
}

bool can_fill(pqxx::transaction_base& transaction) {
  for (const MirrorTable* table : {&runs_table(), &attempts_table()})
    if (!has_no_rows(transaction, *table) || !owns(transaction, *table)) return false;
  return true;
}

FilledRows fill_empty(pqxx::transaction_base& transaction, const EventLog& log, Sequence to, RunCache& cache,
                      const Progress& progress, const FoldOnceLimits& limits) {
  transaction.exec0(std::string("lock table ") + runs_table().name + ", " + attempts_table().name +
                    " in access exclusive mode");
  const DroppedIndexes of_runs = drop_indexes(transaction, runs_table());
  const DroppedIndexes of_attempts = drop_indexes(transaction, attempts_table());
  FilledTables tables(transaction);
  const auto copy = [&](const RunWithAttempts& run) {
    tables.add(run);
    if (run.row.status != RunStatus::kCompleted) cache.put(run.row.id, run);
  };
  const std::vector<RunId> changed = fold_once(with_progress(sound_events(log, to), to, progress), copy, limits);
  tables.flush();
  // Some attempts of these may have started only after the run was copied.
  FilledRows filled = tables.rows();
  for (const RunId& run : changed) (void)cache.take(run);
  carry_out(transaction, of_runs.primary_key);  // Rows are found by it, and replicas know them by it.
  carry_out(transaction, of_attempts.primary_key);
  write_runs_again(transaction, log, changed, to);
  filled.attempts += write_attempts_again(transaction, log, changed, to);
  carry_out(transaction, of_runs.others);
  carry_out(transaction, of_attempts.others);
  return filled;
}

void fill_attempts(pqxx::transaction_base& transaction, const EventLog& log, Sequence to, const Progress& progress) {
  const MirrorTable& table = attempts_table();
  transaction.exec0(std::string("delete from ") + table.name);
  const bool own = owns(transaction, table);
  const DroppedIndexes indexes = own ? drop_indexes(transaction, table) : DroppedIndexes{};
  MirrorRowStream rows(transaction, table, table.name);
  const auto copy = [&](const RunWithAttempts& run) {
    for (const OperationRunAttempt::Row& attempt : run.attempts) rows.add(attempt);
  };
  const std::vector<RunId> changed = fold_once(with_progress(sound_events(log, to), to, progress), copy, {});
  rows.finish();
  carry_out(transaction, indexes.primary_key);
  (void)write_attempts_again(transaction, log, changed, to);
  carry_out(transaction, indexes.others);
}

}  // namespace runledger
