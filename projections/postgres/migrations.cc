// Applies numbered SQL files, and compares the system catalog with what they create.
//
// The build embeds the files of schema/postgres, so the program needs no files at run time. Each has a number, and
// table ledger_migrations, which the first file creates, has a line for each one that was applied. migrate() reads the
// greatest number and applies the later files in order. The file and its line are one transaction: a crash or a lost
// connection leaves either both or neither, and the next migrate() continues there.
//
// MirrorSession::connect() calls migrate() for every new connection, after it took the advisory lock of the mirror. So
// two programs never migrate one schema at the same time, and there is no other locking here.
//
// Two cases are refused before anything is applied. A number that this program does not know means that a newer program
// was here, whose tables this one might misread. And a table that exists before the migration that creates it belongs
// to an application that happens to use the name, unless the comment on it says that it is left over from an earlier
// mirror. Such a table is kept if it is not derived from the log (adapter_runs, which adapters write, and
// ledger_checkpoints), and else dropped: where some of the derived tables were dropped, all of them are made again.
//
// The numbers say nothing about changes by hand. missing_schema_parts() therefore reads tables, columns, checks and
// indexes from the system catalog, in the words of kParts, and returns the ones that are missing. Additional parts are
// not reported. A migration that adds a part must add it to kParts.
#include "projections/postgres/migrations.h"

#include <algorithm>
#include <iterator>
#include <pqxx/result>
#include <pqxx/transaction>
#include <set>

#include "ledger/base/failure.h"
#include "schema/embedded.h"

namespace runledger {
namespace {

// The parts that make the mirror right and its readers fast, each in the words of kPartsQuery. Indexes and columns that
// others add are their own business.
constexpr std::string_view kParts[] = {
    "table operation_runs",
    "table operation_run_attempts",
    "table ledger_projections",
    "table ledger_checkpoints",
    "column ledger_projections.roots text",
    "column ledger_projections.attempts_revision integer",
    "column operation_run_attempts.run_id uuid not null",
    "column operation_run_attempts.attempt integer not null",
    "column operation_run_attempts.worker text not null",
    "column operation_run_attempts.started_at timestamp with time zone not null",
    "column operation_run_attempts.ended_at timestamp with time zone",
    "column operation_run_attempts.outcome text",
    "column operation_run_attempts.reason_code text",
    "column operation_run_attempts.summary_counts jsonb not null",
    "column operation_run_attempts.failures jsonb not null",
    "column operation_run_attempts.lost boolean not null",
    "column operation_run_attempts.late boolean not null",
    "column operation_run_attempts.last_sequence bigint not null",
    "check operation_run_attempts_outcome_check",
    "unique index operation_run_attempts_pkey (run_id, attempt)",
    "index operation_run_attempts_by_sequence (last_sequence)",
    "column id uuid not null",
    "column workspace_id text not null",
    "column tenant_id text",
    "column type text not null",
    "column status text not null",
    "column outcome text not null",
    "column run_identity_hash text not null",
    "column attempt integer not null",
    "column max_attempts integer not null",
    "column deduped_count integer not null",
    "column initiator text",
    "column reason_code text",
    "column summary_counts jsonb not null",
    "column failure_summary jsonb not null",
    "column context jsonb not null",
    "column requested_at timestamp with time zone not null",
    "column started_at timestamp with time zone",
    "column completed_at timestamp with time zone",
    "column created_at timestamp with time zone not null",
    "column updated_at timestamp with time zone not null",
    "column run_version integer not null",
    "column last_sequence bigint not null",
    "column labels jsonb not null",
    "column imported_open boolean not null",
    "column parent_run_id uuid",
    "column root_run_id uuid",
    "column rerun_of uuid",
    "column caller text not null",
    "column skipped_count integer not null",
    "check operation_runs_status_check",
    "check operation_runs_outcome_check",
    "check operation_runs_outcome_when_completed",
    "unique index operation_runs_pkey (id)",
    "unique index operation_runs_active_tenant (workspace_id, tenant_id, run_identity_hash) of some rows",
    "unique index operation_runs_active_workspace (workspace_id, run_identity_hash) of some rows",
    "index operation_runs_newest (workspace_id, tenant_id, requested_at)",
    "index operation_runs_by_type (type, requested_at)",
    "index operation_runs_by_status (status, requested_at)",
    "index operation_runs_by_parent (parent_run_id) of some rows",
    "index operation_runs_by_root (root_run_id) of some rows",
    "index operation_runs_by_sequence (last_sequence)",
    "index operation_runs_by_labels (labels)",
    "view operation_runs_daily",
};

constexpr const char* kPartsQuery = R"(
  select case relkind when 'v' then 'view ' else 'table ' end || relname
  from pg_class where oid in (to_regclass('operation_runs'), to_regclass('operation_run_attempts'),
    to_regclass('operation_runs_daily'), to_regclass('ledger_projections'), to_regclass('ledger_checkpoints'))
  union all
  select 'column ' || case when attrelid = to_regclass('operation_runs') then '' else 'operation_run_attempts.' end ||
    attname || ' ' || format_type(atttypid, atttypmod) || case when attnotnull then ' not null' else '' end
  from pg_attribute
  where attrelid in (to_regclass('operation_runs'), to_regclass('operation_run_attempts')) and attnum > 0
    and not attisdropped
  union all
  select 'column ledger_projections.' || attname || ' ' || format_type(atttypid, atttypmod)
  from pg_attribute where attrelid = to_regclass('ledger_projections') and attnum > 0 and not attisdropped
  union all
  select 'check ' || conname
  from pg_constraint
  where conrelid in (to_regclass('operation_runs'), to_regclass('operation_run_attempts')) and contype = 'c'
    and convalidated
  union all
  select case when indisunique then 'unique ' else '' end || 'index ' || c.relname || ' (' ||
    (select string_agg(pg_get_indexdef(indexrelid, k, true), ', ' order by k) from generate_series(1, indnkeyatts) k) ||
    ')' || case when indpred is not null then ' of some rows' else '' end
  from pg_index join pg_class c on c.oid = indexrelid
  where indrelid in (to_regclass('operation_runs'), to_regclass('operation_run_attempts')) and indisvalid)";

// A table whose columns are others is not runledger's.
bool has_migrations(pqxx::transaction_base& transaction) {
  return transaction
      .exec1(
          "select count(*) = 3 from pg_attribute where attrelid = to_regclass('ledger_migrations') and attnum > 0"
          " and attname in ('number', 'name', 'applied_at')")[0]
      .as<bool>();
}

int applied_number(pqxx::transaction_base& transaction) {
  if (!has_migrations(transaction)) return 0;
  return transaction.exec1("select coalesce(max(number), 0) from ledger_migrations")[0].as<int>();
}

void apply(pqxx::connection_base& connection, const embedded::Migration& migration) {
  pqxx::work transaction(connection);
  transaction.exec0(std::string(migration.sql));
  transaction.exec_params0("insert into ledger_migrations (number, name, applied_at) values ($1, $2, now())",
                           migration.number, std::string(migration.name));
  transaction.commit();
}

// What to do when one is missing that should be there: begin with a new mirror, or make this one again.
enum class Loss { kStartOver, kMakeAgain };

struct MadeTable {
  int migration;  // The one that creates it, and nothing else if the loss can be made good by itself.
  Loss loss;
  const char* name;
  const char* comment;  // One with this comment is runledger's own, also if that migration is not recorded.
};
constexpr MadeTable kMadeTables[] = {
    {1, Loss::kStartOver, "operation_runs", "Operation runs, one row each, mirrored by runledger"},
    {1, Loss::kStartOver, "ledger_projections", "How far the mirror has come, in one row, written by runledger"},
    {1, Loss::kStartOver, "ledger_migrations", "Files of schema/postgres that have been applied, written by runledger"},
    {2, Loss::kMakeAgain, "adapter_runs", "Records of adapters, read by runledger"},
    {7, Loss::kMakeAgain, "ledger_checkpoints", "Signed checkpoints of a ledger, kept by runledger"},
    {8, Loss::kStartOver, "operation_run_attempts", "Attempts of operation runs, one row each, mirrored by runledger"},
    {10, Loss::kMakeAgain, "operation_runs_daily",
     "Operation runs by the day of their request, computed from operation_runs"},
};

bool is_there(pqxx::transaction_base& transaction, const MadeTable& table) {
  return transaction.exec_params1("select to_regclass($1) is not null", table.name)[0].as<bool>();
}

bool is_taken(pqxx::transaction_base& transaction, const MadeTable& table) {
  return transaction
      .exec_params1(
          "select to_regclass($1) is not null and obj_description(to_regclass($1), 'pg_class') is distinct from $2",
          table.name, table.comment)[0]
      .as<bool>();
}

void make_lost_tables(pqxx::connection_base& connection) {
  pqxx::work transaction(connection);
  for (const MadeTable& table : kMadeTables) {
    if (table.loss == Loss::kStartOver || is_there(transaction, table)) continue;
    for (const embedded::Migration& migration : embedded::migrations())
      if (migration.number == table.migration) transaction.exec0(std::string(migration.sql));
  }
  transaction.commit();
}

void make_missing_schema(pqxx::connection_base& connection, std::string_view schema) {
  pqxx::work transaction(connection);
  make_schema(transaction, schema);
  transaction.commit();
}

int read_applied_number(pqxx::connection_base& connection) {
  pqxx::work transaction(connection);
  return applied_number(transaction);
}

}  // namespace

void make_schema(pqxx::transaction_base& transaction, std::string_view schema) {
  // The query comes first because "create schema if not exists" needs the right to create schemas even when the schema
  // exists.
  const auto missing = transaction.exec_params("select to_regnamespace(quote_ident($1)) is null", std::string(schema));
  if (missing[0][0].as<bool>())
    transaction.exec0("create schema if not exists " + transaction.quote_name(std::string(schema)));
}

void require_free_tables(pqxx::transaction_base& transaction, std::string_view schema) {
  const int applied = applied_number(transaction);
  for (const MadeTable& table : kMadeTables) {
    if (applied >= table.migration || !is_taken(transaction, table)) continue;
    throw Failure(Remedy::kCorrectInput, "mirror.table_taken",
                  "schema " + std::string(schema) + ": expected no table " + table.name +
                      ", or the one that runledger made, found another; name another schema with --schema");
  }
}

void migrate(pqxx::connection_base& connection, std::string_view schema) {
  const std::vector<embedded::Migration>& known = embedded::migrations();
  make_missing_schema(connection, schema);
  const int applied = read_applied_number(connection);
  if (applied > known.back().number)
    throw Failure(Remedy::kCorrectInput, "mirror.newer_schema",
                  "the mirror's tables: expected migration " + std::to_string(known.back().number) +
                      " or older, found " + std::to_string(applied) + "; upgrade this program");
  for (const embedded::Migration& migration : known)
    if (migration.number > applied) apply(connection, migration);
  make_lost_tables(connection);
}

bool has_lost_tables(pqxx::transaction_base& transaction) {
  const int applied = applied_number(transaction);
  if (applied > embedded::migrations().back().number) return false;  // A newer program may have other tables.
  return std::any_of(std::begin(kMadeTables), std::end(kMadeTables), [&](const MadeTable& table) {
    return table.loss == Loss::kStartOver && is_there(transaction, table) != (applied >= table.migration);
  });
}

bool has_all_tables(pqxx::transaction_base& transaction) {
  return std::all_of(std::begin(kMadeTables), std::end(kMadeTables),
                     [&](const MadeTable& table) { return is_there(transaction, table); });
}

void drop_derived_tables(pqxx::transaction_base& transaction) {
  transaction.exec0("drop view if exists operation_runs_daily");
  for (const MadeTable& table : kMadeTables)
    if (table.loss == Loss::kStartOver) transaction.exec0(std::string("drop table if exists ") + table.name);
}

std::vector<std::string> missing_schema_parts(pqxx::transaction_base& transaction) {
  std::set<std::string> found;
  for (const pqxx::row& row : transaction.exec(kPartsQuery)) found.insert(row[0].as<std::string>());
  std::vector<std::string> missing;
  for (const std::string_view part : kParts)
    if (found.count(std::string(part)) == 0) missing.emplace_back(part);
  // When a table is missing, so are all its parts, and one line is enough.
  if (!missing.empty() && missing.front().starts_with("table")) missing.resize(1);
  return missing;
}

}  // namespace runledger
