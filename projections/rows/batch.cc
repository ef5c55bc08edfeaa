// Loads the rows and totals that the events touch, folds the events onto them, and writes the result.
#include "projections/rows/batch.h"

#include <algorithm>

#include "projections/rows/codec.h"

namespace runledger {

void RowBatch::fold(const Envelope& envelope) {
  if (is_of_ledger(envelope.event)) return;
  Touched& touched = touch(envelope.run);
  std::optional<Standing> before;
  if (touched.row.run_version.value != 0) before = standing(touched.row);
  OperationRun::evolve(touched.row, envelope);
  if (!before) include_in_span(touched.row);
  if (touched.totals == nullptr) touched.totals = &totals_of(touched.row);
  evolve(*touched.totals, before, touched.row, envelope);
  if (const auto* started = std::get_if<AttemptStarted>(&envelope.event)) touched.leased_for = started->lease;
  if (row_index::is_milestone(envelope))
    milestones_.emplace_back(row_index::milestone_key(envelope.run, envelope.run_version),
                             row_index::encode_milestone(envelope, touched.row));
}

std::vector<RowChange> RowBatch::changes() const {
  std::vector<RowChange> changes;
  for (const auto& [run, touched] : touched_) {
    const OperationRun::Row& row = touched.row;
    const bool is_running = row.status == RunStatus::kRunning;
    // A run that was running before and still is has no news for a watch.
    if (is_running && !touched.leased_for) continue;
    changes.push_back({.run = run,
                       .scope = row.scope,
                       .type = row.type,
                       .due_at = row.due_at,
                       .attempt = row.attempt,
                       .leased_for = is_running ? touched.leased_for : std::nullopt,
                       .is_running = is_running});
  }
  return changes;
}

RowBatch::Touched& RowBatch::touch(RunId run) {
  const auto [entry, is_new] = touched_.try_emplace(run);
  Touched& touched = entry->second;
  if (!is_new) return touched;
  if (const auto stored = table_.read(row_index::row_key(run))) {
    touched.row = decode_row(run, *stored);
    touched.stored = standing(touched.row);
    touched.stored_due = row_index::due_entry(touched.row);
  }
  return touched;
}

void RowBatch::include_in_span(const OperationRun::Row& row) {
  const std::string key = row_index::span_key(row.first_sequence);
  auto place = spans_.find(key);
  if (place == spans_.end()) {
    const std::optional<std::string> stored = table_.read(key);
    const std::optional<row_index::Span> span = stored ? row_index::parse_span(*stored) : std::nullopt;
    if (stored && !span) throw_rows_damaged("the times of a block of events have an unknown form");
    place = spans_.emplace(key, span.value_or(row_index::Span{row.requested_at, row.requested_at})).first;
  }
  place->second.include(row.requested_at);
}

Statistics& RowBatch::totals_of(const OperationRun::Row& row) {
  const auto [entry, is_new] = totals_.try_emplace(row_index::totals_key(row.scope, row.type));
  if (is_new) {
    if (const auto stored = table_.read(entry->first)) {
      entry->second = decode_totals(*stored);
    }
  }
  return entry->second;
}

namespace {

// Writes in the order of keys: the engine then finds each position next to the previous one, instead of searching for
// it again.
template <class Writes>
void write_sorted(rocksdb::WriteBatch& batch, Writes& writes) {
  std::sort(writes.begin(), writes.end());
  for (const auto& [key, value] : writes) check(value ? batch.Put(key, *value) : batch.Delete(key), "preparing rows");
}

}  // namespace

void RowBatch::write_to(rocksdb::WriteBatch& batch, Sequence checkpoint) const {
  Writes entries = milestones_;
  for (const auto& [run, touched] : touched_) {
    entries.emplace_back(row_index::row_key(run), RowCodec::encode(touched.row));
    add_entries(touched, entries);
  }
  for (const auto& [key, span] : spans_) entries.emplace_back(key, row_index::encode_span(span));
  for (const auto& [key, totals] : totals_) entries.emplace_back(key, RowCodec::encode(totals));
  const row_index::Metadata metadata{OperationRun::kRevision, row_index::kRevision, table_.log.store().ledger_id(),
                                     checkpoint};
  entries.emplace_back(row_index::kMetadataKey, encode(metadata));
  write_sorted(batch, entries);
}

void RowBatch::add_entries(const Touched& touched, Writes& entries) const {
  const OperationRun::Row& row = touched.row;
  const std::string run = row_index::encode_run(row.id);
  // Scope, type and age of a run never change, so its fixed entries are written once, when the row is new.
  if (!touched.stored) {
    for (std::string& entry : row_index::all_entries(row)) entries.emplace_back(std::move(entry), run);
    return;
  }
  if (std::optional<std::string> due = row_index::due_entry(row); due != touched.stored_due) {
    if (touched.stored_due) entries.emplace_back(*touched.stored_due, std::nullopt);
    if (due) entries.emplace_back(*std::move(due), run);
  }
  const Standing& stored = *touched.stored;
  if (stored.status == row.status && stored.outcome == row.outcome) return;
  for (std::string& entry : row_index::state_entries(row, stored.status, stored.outcome)) {
    entries.emplace_back(std::move(entry), std::nullopt);
  }
  for (std::string& entry : row_index::state_entries(row, row.status, row.outcome)) {
    entries.emplace_back(std::move(entry), run);
  }
}

}  // namespace runledger
