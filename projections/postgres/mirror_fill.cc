// Copies rows straight into the live table while the log is folded, and builds the indexes afterwards.
//
// Building an index once costs a third of maintaining it row by row. The table itself stays, with its grants, views,
// columns and settings; its indexes are dropped before the copy and created again after it, all in the caller's
// transaction and under a lock that keeps readers out.
//
// The fold and the copy run side by side, on a core each: fold_once() gives a row as soon as the run seems finished.
// A few runs have another event after that, and their rows are written again before the indexes are built.
#include "projections/postgres/mirror_fill.h"

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
  where indrelid = 'operation_runs'::regclass and indisvalid and not indisreplident and not indisclustered
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

DroppedIndexes drop_indexes(pqxx::transaction_base& transaction) {
  static const std::string alter = "alter table operation_runs ";
  DroppedIndexes dropped;
  for (const pqxx::row& index : transaction.exec(kPlainIndexes)) {
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

void write_again(pqxx::transaction_base& transaction, const EventLog& log, const std::vector<RunId>& runs,
                 Sequence to) {
  if (runs.empty()) return;
  make_staging_table(transaction, kFoldTable, OnCommit::kDrop);
  MirrorRowStream rows(transaction, kFoldTable);
  for (const RunId& run : runs) {
    const std::optional<OperationRun::Row> row = fold_run(log, run, to);
    if (!row) throw_damaged("expected the events of run " + format_uuid(run.value) + ", found none");
    rows.add(*row);
  }
  rows.finish();
  replace_rows(transaction);
}

}  // namespace

bool is_empty(pqxx::transaction_base& transaction) {
  return transaction.exec1("select not exists (select from operation_runs)")[0].as<bool>();
}

bool can_fill(pqxx::transaction_base& transaction) {
  return is_empty(transaction) && transaction
                                      .exec1(
                                          "select pg_has_role(relowner, 'usage') from pg_class"
                                          " where oid = 'operation_runs'::regclass")[0]
                                      .as<bool>();
}

std::uint64_t fill_empty(pqxx::transaction_base& transaction, const EventLog& log, Sequence to, RowCache& cache,
                         const Progress& progress, const FoldOnceLimits& limits) {
  transaction.exec0("lock table operation_runs in access exclusive mode");
  const DroppedIndexes indexes = drop_indexes(transaction);
  std::uint64_t count = 0;
  MirrorRowStream rows(transaction, "operation_runs");
  const auto copy = [&](const OperationRun::Row& row) {
    rows.add(row);
    ++count;
    if (row.status != RunStatus::kCompleted) cache.put(row.id, row);
  };
  const std::vector<RunId> changed = fold_once(with_progress(sound_events(log, to), to, progress), copy, limits);
  rows.finish();
  for (const RunId& run : changed) (void)cache.take(run);
  carry_out(transaction, indexes.primary_key);  // Rows are found by it, and replicas know them by it.
  write_again(transaction, log, changed, to);
  carry_out(transaction, indexes.others);
  return count;
}

}  // namespace runledger
