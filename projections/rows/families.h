// The two families of the store that hold the rows, as the files of the row store use them.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <optional>
#include <string>
#include <string_view>

#include "ledger/log/event_log.h"
#include "projections/rows/index.h"

namespace runledger {

[[nodiscard]] inline rocksdb::Slice slice_of(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

// Says of a finding what to do about it: rows are made anew from the log. Throws Failure "rows.damaged".
[[noreturn]] void throw_rows_damaged(std::string_view what);

// RowCodec::decode, for rows that are read: throws "rows.damaged".
[[nodiscard]] OperationRun::Row decode_row(RunId run, std::string_view stored);
// The same for totals.
[[nodiscard]] Statistics decode_totals(std::string_view stored);

// A value; the log, and with it the store, must outlive it. Everything throws Failure as EventLog does.
struct RowFamilies {
  explicit RowFamilies(EventLog& event_log);

  EventLog& log;
  rocksdb::DB& db;
  rocksdb::ColumnFamilyHandle* rows;
  rocksdb::ColumnFamilyHandle* indexes;

  // `snapshot` may be null: the newest.
  [[nodiscard]] std::optional<std::string> read(rocksdb::ColumnFamilyHandle* family, std::string_view key,
                                                const rocksdb::Snapshot* snapshot = nullptr) const;
  // Visits the entries at or after `from` and before `to` (empty: to the end), in order, until `visit` says stop.
  using Visitor = std::function<Scan(std::string_view key, std::string_view value)>;
  void visit(rocksdb::ColumnFamilyHandle* family, std::string_view from, std::string_view to,
             const rocksdb::Snapshot* snapshot, const Visitor& visit) const;

  // Not synced: what a crash takes back follows from the log again. What is on disk is never ahead of the log, whatever
  // the crash: an event is synced before anybody can fold it, and the engine's log keeps the order of writes.
  void write(rocksdb::WriteBatch& batch) const;

  // Absent when there is none, and when it is of a form that this program does not know.
  [[nodiscard]] std::optional<row_index::Mark> mark(const rocksdb::Snapshot* snapshot = nullptr) const;
};

// The state of the store at one moment, for reads that must agree with each other.
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

// The end of the keys that begin with `prefix`. Requires that its last byte is not the greatest one.
[[nodiscard]] std::string prefix_end(std::string_view prefix);

}  // namespace runledger
