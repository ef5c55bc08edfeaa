// Access to the two families of the store that hold the rows, for the files of the row store.
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

// Throws Failure "rows.damaged". The message is `what` and the advice to rebuild the rows from the log.
[[noreturn]] void throw_rows_damaged(std::string_view what);

// RowCodec::decode() for readers. Throws Failure "rows.damaged".
[[nodiscard]] OperationRun::Row decode_row(RunId run, std::string_view stored);
// RowCodec::decode_totals() for readers. Throws Failure "rows.damaged".
[[nodiscard]] Statistics decode_totals(std::string_view stored);

// A value. The log, and with it the store, must outlive it. All members throw Failure as EventLog does.
struct RowFamilies {
  explicit RowFamilies(EventLog& event_log);

  EventLog& log;
  rocksdb::DB& db;
  rocksdb::ColumnFamilyHandle* rows;
  rocksdb::ColumnFamilyHandle* indexes;

  // The value of a key; absent when there is none. A null `snapshot` reads the newest state.
  [[nodiscard]] std::optional<std::string> read(rocksdb::ColumnFamilyHandle* family, std::string_view key,
                                                const rocksdb::Snapshot* snapshot = nullptr) const;
  // Visits the entries at or after `from` and before `to` (empty: to the end), in order, until `visit` returns kStop.
  using Visitor = std::function<Scan(std::string_view key, std::string_view value)>;
  void visit(rocksdb::ColumnFamilyHandle* family, std::string_view from, std::string_view to,
             const rocksdb::Snapshot* snapshot, const Visitor& visit) const;

  // Writes atomically, but does not sync: rows that a crash loses follow from the log again. Rows on disk are never
  // ahead of the log, whatever the crash: an event is synced before it can be folded, and the log of the engine keeps
  // the order of writes.
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

// The end of the range of keys that begin with `prefix`. Requires a prefix that is not empty and whose last byte is not
// 0xff.
[[nodiscard]] std::string prefix_end(std::string_view prefix);

}  // namespace runledger
