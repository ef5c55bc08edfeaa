// Loads what the events touch, folds them, and writes the outcome.
#include "projections/row_batch.h"

#include "projections/row_codec.h"

namespace runledger {

void RowBatch::fold(const Envelope& envelope) {
  Touched& touched = touch(envelope.run);
  std::optional<Standing> before;
  if (touched.row.run_version.value != 0) before = standing(touched.row);
  OperationRun::evolve(touched.row, envelope);
  if (touched.totals == nullptr) touched.totals = &totals_of(touched.row);
  evolve(*touched.totals, before, touched.row, envelope);
}

RowBatch::Touched& RowBatch::touch(RunId run) {
  const auto [entry, is_new] = touched_.try_emplace(run);
  Touched& touched = entry->second;
  if (!is_new) return touched;
  if (const auto stored = families_.read(families_.rows, row_index::row_key(run))) {
    touched.row = decode_row(run, *stored);
    touched.stored = standing(touched.row);
  }
  return touched;
}

Statistics& RowBatch::totals_of(const OperationRun::Row& row) {
  const auto [entry, is_new] = totals_.try_emplace(row_index::totals_key(row.scope, row.type));
  if (is_new) {
    if (const auto stored = families_.read(families_.indexes, entry->first)) {
      entry->second = RowCodec::decode_totals(*stored);
    }
  }
  return entry->second;
}

void RowBatch::write_to(rocksdb::WriteBatch& batch, Sequence checkpoint) const {
  for (const auto& [run, touched] : touched_) write_row(batch, touched);
  for (const auto& [key, totals] : totals_) check(batch.Put(families_.indexes, key, RowCodec::encode(totals)), "rows");
  const row_index::Mark mark{OperationRun::kRevision, row_index::kRevision, checkpoint};
  check(batch.Put(families_.indexes, slice_of(row_index::kMarkKey), encode(mark)), "rows");
}

void RowBatch::write_row(rocksdb::WriteBatch& batch, const Touched& touched) const {
  const OperationRun::Row& row = touched.row;
  const std::string key = row_index::row_key(row.id);
  const auto put_entries = [&](const std::vector<std::string>& entries) {
    for (const std::string& entry : entries) check(batch.Put(families_.indexes, entry, key), "rows");
  };

  check(batch.Put(families_.rows, key, RowCodec::encode(row)), "rows");
  if (!touched.stored) return put_entries(row_index::all_entries(row));
  const Standing& stored = *touched.stored;
  if (stored.status == row.status && stored.outcome == row.outcome) return;
  for (const std::string& entry : row_index::state_entries(row, stored.status, stored.outcome)) {
    check(batch.Delete(families_.indexes, entry), "rows");
  }
  put_entries(row_index::state_entries(row, row.status, row.outcome));
}

}  // namespace runledger
