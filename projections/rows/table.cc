// Reads and writes the database that the store keeps for what is derived from the log.
#include "projections/rows/table.h"

#include <fmt/format.h>

#include <memory>

#include "ledger/base/assert.h"
#include "ledger/base/damage.h"
#include "ledger/base/failure.h"
#include "projections/rows/codec.h"

namespace runledger {

OperationRun::Row decode_row(RunId run, std::string_view stored) {
  try {
    return RowCodec::decode(run, stored);
  } catch (const Damaged& damaged) {
    throw_rows_damaged(fmt::format("the row of run {}: {}", format_uuid(run.value), damaged.found()));
  }
}

Statistics decode_totals(std::string_view stored) {
  try {
    return RowCodec::decode_totals(stored);
  } catch (const Damaged& damaged) {
    throw_rows_damaged(fmt::format("the totals of a scope and type: {}", damaged.found()));
  }
}

Rollup decode_rollup(std::string_view stored) {
  std::optional<Rollup> rollup = Rollup::parse(stored);
  if (!rollup) throw_rows_damaged("the roll-up of an interval has an unknown form");
  return *std::move(rollup);
}

void visit_rollup_groups(const RowTable& table, const std::string& prefix, const rocksdb::Snapshot* snapshot,
                         const std::function<Scan(const row_index::RollupKey&)>& visit) {
  const std::string end = prefix_end(prefix);
  for (std::string from = prefix; !from.empty();) {
    std::string next;
    table.visit(from, end, snapshot, [&](std::string_view key, std::string_view) {
      const std::optional<row_index::RollupKey> parsed = row_index::parse_rollup_key(key);
      if (!parsed) throw_rows_damaged("the key of a roll-up has an unknown form");
      if (visit(*parsed) == Scan::kContinue) next = prefix_end(parsed->group);
      return Scan::kStop;
    });
    from = std::move(next);
  }
}

RowTable::RowTable(EventLog& event_log) : log(event_log), store(event_log.store().derived()), db(store.db()) {}

std::optional<std::string> RowTable::read(std::string_view key, const rocksdb::Snapshot* snapshot) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  std::string value;
  const rocksdb::Status status = db.Get(options, slice_of(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  check_derived(status, "reading a row");
  return value;
}

void RowTable::visit(std::string_view from, std::string_view to, const rocksdb::Snapshot* snapshot,
                     const Visitor& visit) const {
  const rocksdb::Slice end = slice_of(to);
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  options.total_order_seek = true;
  if (!to.empty()) options.iterate_upper_bound = &end;
  const std::unique_ptr<rocksdb::Iterator> entry(db.NewIterator(options));
  for (entry->Seek(slice_of(from)); entry->Valid(); entry->Next()) {
    if (visit(entry->key().ToStringView(), entry->value().ToStringView()) == Scan::kStop) return;
  }
  check_derived(entry->status(), "reading rows");
}

void RowTable::write(rocksdb::WriteBatch& batch) const {
  store.write(batch);
}

std::optional<row_index::Metadata> RowTable::metadata(const rocksdb::Snapshot* snapshot) const {
  const std::optional<std::string> stored = read(row_index::kMetadataKey, snapshot);
  if (!stored) return std::nullopt;
  return row_index::parse_metadata(*stored);
}

std::string prefix_end(std::string_view prefix) {
  RUNLEDGER_ASSERT(!prefix.empty() && prefix.back() != '\xff');
  std::string end(prefix);
  ++end.back();
  return end;
}

}  // namespace runledger
