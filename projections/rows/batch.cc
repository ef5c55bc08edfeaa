// Loads the rows and totals that the events touch, folds the events onto them, and writes the result.
#include "projections/rows/batch.h"

#include <algorithm>

#include "ledger/log/store/store.h"
#include "projections/rows/codec.h"
#include "projections/rows/event_index.h"
#include "projections/rows/list_index.h"

namespace runledger {

void RowBatch::fold(const Envelope& envelope, std::size_t stored_bytes) {
  bytes_ += stored_bytes;
  head_ = envelope.recorded_at;
  if (is_of_ledger(envelope.event)) return;
  Touched& touched = touch(envelope);
  std::optional<Standing> before;
  if (touched.row.run_version.value != 0) before = standing(touched.row);
  OperationRun::evolve(touched.row, envelope);
  move_span(before, touched.row);
  if (touched.totals == nullptr) touched.totals = &totals_of(touched.row);
  evolve(*touched.totals, before, touched.row, envelope);
  rollups_.of(touched.row, envelope.recorded_at).evolve(before, touched.row, envelope);
  if (const auto* started = std::get_if<AttemptStarted>(&envelope.event)) {
    touched.leased_for = started->lease;
    for (const std::string& entry : row_index::worker_entries(touched.row, started->worker))
      event_entries_.put(entry, envelope.run.value.view());
  }
  for (const std::string& entry : row_index::event_entries(envelope))
    event_entries_.put(entry, envelope.run.value.view());
  if (row_index::is_milestone(envelope))
    event_entries_.put(row_index::milestone_key(envelope.run, envelope.run_version),
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

// Rows are never ahead of the log, so a run that begins with this event has no row yet.
RowBatch::Touched& RowBatch::touch(const Envelope& envelope) {
  const auto [entry, is_new] = touched_.try_emplace(envelope.run);
  Touched& touched = entry->second;
  if (!is_new || envelope.run_version == RunVersion{1}) return touched;
  if (const auto stored = table_.read(row_index::row_key(envelope.run))) {
    bytes_ += stored->size();
    touched.row = decode_row(envelope.run, *stored);
    touched.is_stored = true;
    touched.stored_moving = row_index::moving_entries(touched.row);
    std::sort(touched.stored_moving.begin(), touched.stored_moving.end());
  }
  return touched;
}

row_index::Span& RowBatch::span_of(const OperationRun::Row& row) {
  const auto [place, is_new] = spans_.try_emplace(row_index::span_key(row.first_sequence));
  if (is_new) {
    if (const auto stored = table_.read(place->first)) {
      const std::optional<row_index::Span> span = row_index::parse_span(*stored);
      if (!span) throw_rows_damaged("the times of a block of events have an unknown form");
      place->second = *span;
    }
  }
  return place->second;
}

void RowBatch::move_span(const std::optional<Standing>& before, const OperationRun::Row& row) {
  if (!before) span_of(row).include(row.requested_at);
  const bool was_completed = before && before->status == RunStatus::kCompleted;
  if (row.completed_at && !was_completed) span_of(row).complete(*row.completed_at);
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

void RowBatch::write_to(rocksdb::WriteBatch& batch, Sequence checkpoint) {
  RowWrites writes = std::move(event_entries_);
  for (const auto& [run, touched] : touched_) {
    writes.put(row_index::row_key(run), RowCodec::encode(touched.row));
    add_entries(touched, writes);
  }
  for (const auto& [key, span] : spans_) writes.put(key, row_index::encode_span(span));
  for (const auto& [key, totals] : totals_) writes.put(key, RowCodec::encode(totals));
  add_rollups(writes);
  const row_index::Metadata metadata{OperationRun::kRevision, row_index::kRevision, table_.log.store().ledger_id(),
                                     checkpoint, head_};
  writes.put(row_index::kMetadataKey, encode(metadata));
  writes.add_to(batch);
  remove_expired_rollups(batch);
}

void RowBatch::add_rollups(RowWrites& writes) const {
  std::unordered_map<std::string, Rollup> sums;
  rollups_.visit(head_, [&](std::string key, const Rollup& delta) {
    const auto [place, is_new] = sums.try_emplace(std::move(key));
    if (is_new) {
      if (const auto stored = table_.read(place->first)) place->second = decode_rollup(*stored);
    }
    place->second.add(delta);
  });
  for (const auto& [key, sum] : sums) writes.put(key, sum.encode());
}

// Which roll-ups are kept depends on the day of the last event alone, so rows that followed the log in any steps keep
// the same ones. A day of minutes of many groups is too much to read, so ranges are removed unread.
void RowBatch::remove_expired_rollups(rocksdb::WriteBatch& batch) const {
  using row_index::Grain;
  const std::optional<row_index::Metadata> before = table_.metadata();
  if (before && start_of(Grain::kDay, before->recorded_at) == start_of(Grain::kDay, head_)) return;
  visit_rollup_groups(table_, std::string(row_index::kRollupPrefix), nullptr, [&](const row_index::RollupKey& key) {
    const std::string group(key.group);
    for (const Grain grain : {Grain::kMinute, Grain::kHour}) {
      const std::string from = rollup_key(group, grain, Time{});
      const std::string to = rollup_key(group, grain, kept_from(grain, head_));
      bool is_any = false;
      table_.visit(from, to, nullptr, [&is_any](std::string_view, std::string_view) {
        is_any = true;
        return Scan::kStop;
      });
      if (is_any) check(batch.DeleteRange(slice_of(from), slice_of(to)), "preparing rows");
    }
    return Scan::kContinue;
  });
}

void RowBatch::add_entries(const Touched& touched, RowWrites& writes) const {
  const OperationRun::Row& row = touched.row;
  const std::string_view run = row.id.value.view();
  // What the fixed entries are made of never changes, so they are written once, when the row is new.
  if (!touched.is_stored) {
    for (const std::string& entry : row_index::fixed_entries(row)) writes.put(entry, run);
  }
  std::vector<std::string> moving = row_index::moving_entries(row);
  std::sort(moving.begin(), moving.end());
  const std::vector<std::string>& stored = touched.stored_moving;
  for (const std::string& entry : stored) {
    if (!std::binary_search(moving.begin(), moving.end(), entry)) writes.erase(entry);
  }
  for (const std::string& entry : moving) {
    if (!std::binary_search(stored.begin(), stored.end(), entry)) writes.put(entry, run);
  }
}

}  // namespace runledger
