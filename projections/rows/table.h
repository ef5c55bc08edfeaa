// Access to the entries of the local rows, for the files of the row store.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <optional>
#include <string>
#include <string_view>

#include "ledger/log/event_log.h"
#include "projections/rows/index.h"
#include "projections/rows/rollup_index.h"

namespace runledger {

[[nodiscard]] inline rocksdb::Slice slice_of(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

// RowCodec::decode() for readers. Throws Failure "rows.damaged".
[[nodiscard]] OperationRun::Row decode_row(RunId run, std::string_view stored);
// RowCodec::decode_totals() for readers. Throws Failure "rows.damaged".
[[nodiscard]] Statistics decode_totals(std::string_view stored);

// Rollup::parse() for readers. Throws Failure "rows.damaged".
[[nodiscard]] Rollup decode_rollup(std::string_view stored);

// A value. The log, and with it the store, must outlive it. All members throw Failure as EventLog does, and
// "rows.damaged".
struct RowTable {
  explicit RowTable(EventLog& event_log);

  EventLog& log;
  DerivedStore& store;
  rocksdb::DB& db;

  // The value of a key; absent when there is none. A null `snapshot` reads the newest state.
  [[nodiscard]] std::optional<std::string> read(std::string_view key,
                                                const rocksdb::Snapshot* snapshot = nullptr) const;
  // Visits the entries at or after `from` and before `to` (empty: to the end), in order, until `visit` returns kStop.
  using Visitor = std::function<Scan(std::string_view key, std::string_view value)>;
  void visit(std::string_view from, std::string_view to, const rocksdb::Snapshot* snapshot, const Visitor& visit) const;

  // Writes atomically, and into memory only: rows that a crash loses follow from the log again. Rows on disk are never
  // ahead of the log, whatever the crash, because an event is synced before it can be folded.
  void write(rocksdb::WriteBatch& batch) const;

  // The metadata of the rows; absent when there is none, and when its form is unknown to this program.
  [[nodiscard]] std::optional<row_index::Metadata> metadata(const rocksdb::Snapshot* snapshot = nullptr) const;
};

// The state of the store at one moment, for reads that must agree with each other. `db` must outlive it.
class RowSnapshot {
 public:
  explicit RowSnapshot(rocksdb::DB& db) : db_(db), snapshot_(db.GetSnapshot()) {}
  ~RowSnapshot() { db_.ReleaseSnapshot(snapshot_); }
  RowSnapshot(const RowSnapshot&) = delete;
  RowSnapshot& operator=(const RowSnapshot&) = delete;

  [[nodiscard]] const rocksdb::Snapshot* get() const { return snapshot_; }

 private:
  rocksdb::DB& db_;
  const rocksdb::Snapshot* snapshot_;
};

// Visits one roll-up of each group whose key begins with `prefix`, in order, until `visit` returns kStop.
void visit_rollup_groups(const RowTable& table, const std::string& prefix, const rocksdb::Snapshot* snapshot,
                         const std::function<Scan(const row_index::RollupKey&)>& visit);

// The end of the range of keys that begin with `prefix`. Requires a prefix that is not empty and whose last byte is not
// 0xff.
[[nodiscard]] std::string prefix_end(std::string_view prefix);

}  // namespace runledger
