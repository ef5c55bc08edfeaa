// Merges the rows of Postgres, which it sends in the order of ids, with those of the fold, which have the same order.
//
// A session can send the rows of one table at a time, and the fold gives those of both. So the attempts come over a
// second session, which sees the same snapshot. A second pass over the log would take longer.
//
// Postgres sorts while this program folds, and then the two work side by side: each row arrives in binary form and is
// compared with the form that it should have. That form is a guess where the row has JSON. A wrong guess does no harm,
// because Postgres itself judges all suspects (select_differences()); it only costs time. Equal bytes, on the other
// hand, are proof: no two stored values have the same binary form.
#include "projections/postgres/mirror_compare.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ledger/base/assert.h"
#include "projections/folds/fold.h"
#include "projections/postgres/mirror_rows.h"

namespace runledger {
namespace {

// The runs whose rows in a table may differ, in the order of ids.
struct Suspects {
  std::size_t kept_bytes_max;
  std::vector<RunId> runs;
  std::string tuples;  // The rows that the fold has of them, one tuple after the other, unless they are too many.
  bool too_many = false;

  void add_run(RunId run) {
    if (runs.empty() || runs.back() != run) runs.push_back(run);
  }
  template <class Row>
  void add_row(const Row& row) {
    if (too_many) return;
    CopyTuple tuple;
    write_tuple(tuple, row, JsonForm::kCanonical);
    tuples += tuple.view();
    too_many = tuples.size() > kept_bytes_max;
    if (too_many) std::string().swap(tuples);
  }
};

// The rows of a table as Postgres sends them, in the order of their keys. The first field of each is the id of its run.
class MirroredRows {
 public:
  MirroredRows(pqxx::transaction_base& transaction, const MirrorTable& table)
      : copy_(transaction, select_rows_in_order(table)) {}

  // The row that next() moved to. Absent after the last one.
  [[nodiscard]] const std::optional<std::string_view>& tuple() const { return tuple_; }
  [[nodiscard]] RunId run() const {
    constexpr std::size_t kIdFrom = 2 + 4;  // After the number of fields and the length of the first one.
    RunId id;
    RUNLEDGER_ASSERT(tuple_->size() >= kIdFrom + id.value.bytes.size());
    std::memcpy(id.value.bytes.data(), tuple_->data() + kIdFrom, id.value.bytes.size());
    return id;
  }
  [[nodiscard]] bool is_of(RunId id) const { return tuple_ && run() == id; }
  void next() {
    tuple_ = copy_.next();
    if (tuple_) ++count_;
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  CopyOut copy_;
  std::optional<std::string_view> tuple_;
  std::uint64_t count_ = 0;
};

// Compares the rows of one table with those of the fold, run by run, in the order of ids.
class TableComparison {
 public:
  TableComparison(pqxx::transaction_base& transaction, const MirrorTable& table, Suspects& suspects)
      : mirrored_(transaction, table), suspects_(suspects) {}

  // The rows of the fold of the next run, in the order of their keys.
  template <class Row>
  void compare(RunId run, std::span<const Row> rows) {
    begin();
    for (; mirrored_.tuple() && mirrored_.run() < run; mirrored_.next()) suspects_.add_run(mirrored_.run());
    if (is_as_expected(run, rows)) return;
    suspects_.add_run(run);
    for (const Row& row : rows) suspects_.add_row(row);
  }

  // After the last run of the fold.
  void finish() {
    begin();
    for (; mirrored_.tuple(); mirrored_.next()) suspects_.add_run(mirrored_.run());
  }

  [[nodiscard]] std::uint64_t count() const { return mirrored_.count(); }

 private:
  // Not earlier, because it waits until Postgres has sorted the rows.
  void begin() {
    if (!begun_) mirrored_.next();
    begun_ = true;
  }

  template <class Row>
  bool is_as_expected(RunId run, std::span<const Row> rows) {
    bool same = true;
    for (const Row& row : rows) {
      write_tuple(expected_, row, JsonForm::kStored);
      if (!mirrored_.is_of(run)) return false;
      same = same && *mirrored_.tuple() == expected_.view();
      std::swap(last_, expected_);
      mirrored_.next();
    }
    // There are more rows of a run than its fold has if someone added some, or, after they dropped the primary key, if
    // a row is there twice. Two that are both right are no difference.
    for (; mirrored_.is_of(run); mirrored_.next()) same = same && !rows.empty() && *mirrored_.tuple() == last_.view();
    return same;
  }

  MirroredRows mirrored_;
  Suspects& suspects_;
  CopyTuple expected_;
  CopyTuple last_;
  bool begun_ = false;
};

template <class Row>
std::span<const Row> one(const Row& row) {
  return {&row, 1};
}

ComparedRows find_suspects(pqxx::transaction_base& transaction, pqxx::transaction_base& beside, const EventLog& log,
                           Sequence to, const Progress& progress, Suspects& of_runs, Suspects& of_attempts) {
  ComparedRows compared;
  TableComparison runs(transaction, runs_table(), of_runs);
  TableComparison attempts(beside, attempts_table(), of_attempts);
  const auto compare = [&](const RunWithAttempts& run) {
    ++compared.folded;
    compared.folded_attempts += run.attempts.size();
    runs.compare(run.row.id, one(run.row));
    attempts.compare(run.row.id, std::span<const OperationRunAttempt::Row>(run.attempts));
  };
  fold_all_with_attempts(with_progress(sound_events(log, to), to, progress), compare);
  runs.finish();
  attempts.finish();
  compared.mirrored = runs.count();
  compared.mirrored_attempts = attempts.count();
  return compared;
}

void stage_ids(pqxx::transaction_base& transaction, const MirrorTable& table, const std::vector<RunId>& runs) {
  CopyIn copy(transaction, std::string("copy ") + table.suspects + " from stdin (format binary)");
  CopyTuple tuple;
  for (const RunId& run : runs) {
    tuple.begin(1);
    tuple.bytes(run.value.view());
    copy.add(tuple.view());
  }
  copy.finish();
}

// Adds the rows of a run that are of a table.
void add_rows(MirrorRowStream& rows, const MirrorTable& table, const RunWithAttempts& run) {
  if (&table == &runs_table()) return rows.add(run.row);
  for (const OperationRunAttempt::Row& attempt : run.attempts) rows.add(attempt);
}

void stage_folds(pqxx::transaction_base& transaction, const MirrorTable& table, const EventLog& log, Sequence to,
                 const Suspects& suspects) {
  MirrorRowStream rows(transaction, table, table.fold);
  if (suspects.too_many) {
    fold_all_with_attempts(sound_events(log, to), [&](const RunWithAttempts& run) {
      if (std::binary_search(suspects.runs.begin(), suspects.runs.end(), run.row.id)) add_rows(rows, table, run);
    });
  } else {
    rows.add_tuples(suspects.tuples);
  }
  rows.finish();
}

std::string export_snapshot(pqxx::transaction_base& transaction) {
  return transaction.exec1("select pg_export_snapshot()")[0].as<std::string>();
}

}  // namespace

void make_compare_tables(pqxx::transaction_base& transaction, bool drop_on_commit) {
  for (const MirrorTable* table : {&runs_table(), &attempts_table()}) {
    make_staging_table(transaction, *table, table->fold, drop_on_commit ? OnCommit::kDrop : OnCommit::kKeepRows);
    transaction.exec0(std::string("create temporary table ") + table->suspects + " (id uuid)" +
                      (drop_on_commit ? " on commit drop" : ""));
  }
}

SessionBeside::SessionBeside(const MirrorOptions& options, pqxx::transaction_base& transaction)
    : connection_(options.dsn, options.schema.value(), PostgresUse::kWrite) {
  const std::string snapshot = export_snapshot(transaction);
  connection_.guarded([&](pqxx::connection_base& raw) {
    transaction_.emplace(raw);
    transaction_->exec0("set transaction snapshot " + transaction_->quote(snapshot));
  });
}

ComparedRows stage_suspects(pqxx::transaction_base& transaction, SessionBeside& beside, const EventLog& log,
                            Sequence to, const Progress& progress, std::size_t kept_bytes_max) {
  Suspects runs{kept_bytes_max, {}, {}};
  Suspects attempts{kept_bytes_max, {}, {}};
  const ComparedRows compared = find_suspects(transaction, beside.transaction(), log, to, progress, runs, attempts);
  stage_ids(transaction, runs_table(), runs.runs);
  stage_folds(transaction, runs_table(), log, to, runs);
  stage_ids(transaction, attempts_table(), attempts.runs);
  stage_folds(transaction, attempts_table(), log, to, attempts);
  return compared;
}

}  // namespace runledger
