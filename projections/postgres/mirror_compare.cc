// Merges the rows of Postgres, which it sends in the order of ids, with those of the fold, which have the same order.
//
// Postgres sorts while this program folds, and then the two work side by side: each row arrives in binary form and is
// compared with the form that it should have. That form is a guess where the row has JSON. A wrong guess does no harm,
// because Postgres itself judges all suspects (select_differences()); it only costs time. Equal bytes, on the other
// hand, are proof: no two stored values have the same binary form.
#include "projections/postgres/mirror_compare.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "ledger/base/assert.h"
#include "projections/folds/fold.h"
#include "projections/postgres/mirror_rows.h"

namespace runledger {
namespace {

// All in the order of ids.
struct Suspects {
  std::size_t kept_bytes_max;
  std::vector<RunId> runs;
  std::string tuples;  // The rows that the fold has of them, one tuple after the other, unless they are too many.
  bool too_many = false;

  void add(const OperationRun::Row& row) {
    runs.push_back(row.id);
    if (too_many) return;
    CopyTuple tuple;
    write_tuple(tuple, row, JsonForm::kCanonical);
    tuples += tuple.view();
    too_many = tuples.size() > kept_bytes_max;
    if (too_many) std::string().swap(tuples);
  }
};

class MirroredRows {
 public:
  explicit MirroredRows(pqxx::transaction_base& transaction) : copy_(transaction, select_rows_in_order()) {}

  // The row that next() moved to, in the order of ids; its id is the first field. Absent after the last one.
  [[nodiscard]] const std::optional<std::string_view>& tuple() const { return tuple_; }
  [[nodiscard]] RunId id() const {
    constexpr std::size_t kIdFrom = 2 + 4;  // After the number of fields and the length of the first one.
    RunId id;
    RUNLEDGER_ASSERT(tuple_->size() >= kIdFrom + id.value.bytes.size());
    std::memcpy(id.value.bytes.data(), tuple_->data() + kIdFrom, id.value.bytes.size());
    return id;
  }
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

ComparedRows find_suspects(pqxx::transaction_base& transaction, const EventLog& log, Sequence to,
                           const Progress& progress, Suspects& suspects) {
  ComparedRows compared;
  MirroredRows mirrored(transaction);
  CopyTuple expected;
  const auto compare = [&](const OperationRun::Row& row) {
    if (compared.folded++ == 0) mirrored.next();  // Not earlier, because it waits until Postgres has sorted the rows.
    for (; mirrored.tuple() && mirrored.id() < row.id; mirrored.next()) suspects.runs.push_back(mirrored.id());
    write_tuple(expected, row, JsonForm::kStored);
    bool as_expected = false;
    bool otherwise = false;
    // There are several rows of an id only if someone dropped the primary key.
    for (; mirrored.tuple() && mirrored.id() == row.id; mirrored.next())
      (*mirrored.tuple() == expected.view() ? as_expected : otherwise) = true;
    if (otherwise || !as_expected) suspects.add(row);
  };
  fold_all(log, to, compare, progress);
  if (compared.folded == 0) mirrored.next();
  for (; mirrored.tuple(); mirrored.next()) suspects.runs.push_back(mirrored.id());
  compared.mirrored = mirrored.count();
  return compared;
}

void stage_ids(pqxx::transaction_base& transaction, const std::vector<RunId>& runs) {
  CopyIn copy(transaction, std::string("copy ") + kSuspectTable + " from stdin (format binary)");
  CopyTuple tuple;
  for (const RunId& run : runs) {
    tuple.begin(1);
    tuple.bytes(run.value.view());
    copy.add(tuple.view());
  }
  copy.finish();
}

void stage_folds(pqxx::transaction_base& transaction, const EventLog& log, Sequence to, const Suspects& suspects) {
  MirrorRowStream rows(transaction, kFoldTable);
  if (suspects.too_many) {
    fold_all(log, to, [&](const OperationRun::Row& row) {
      if (std::binary_search(suspects.runs.begin(), suspects.runs.end(), row.id)) rows.add(row);
    });
  } else {
    rows.add_tuples(suspects.tuples);
  }
  rows.finish();
}

}  // namespace

void make_compare_tables(pqxx::transaction_base& transaction, bool drop_on_commit) {
  make_staging_table(transaction, kFoldTable, drop_on_commit ? OnCommit::kDrop : OnCommit::kKeepRows);
  transaction.exec0(std::string("create temporary table ") + kSuspectTable + " (id uuid)" +
                    (drop_on_commit ? " on commit drop" : ""));
}

ComparedRows stage_suspects(pqxx::transaction_base& transaction, const EventLog& log, Sequence to,
                            const Progress& progress, std::size_t kept_bytes_max) {
  Suspects suspects{kept_bytes_max, {}, {}};
  const ComparedRows compared = find_suspects(transaction, log, to, progress, suspects);
  stage_ids(transaction, suspects.runs);
  stage_folds(transaction, log, to, suspects);
  return compared;
}

}  // namespace runledger
