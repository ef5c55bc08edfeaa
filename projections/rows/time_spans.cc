// Walks the spans from the newest to the oldest, and remembers the last one that fits.
#include "projections/rows/time_spans.h"

#include <algorithm>

namespace runledger {

TimeSpans::TimeSpans(const RowTable& table, const RunFilter& filter, const rocksdb::Snapshot* snapshot)
    : filter_(filter), end_(prefix_end(row_index::kSpanPrefix)), end_slice_(slice_of(end_)) {
  if (filter.is_bound) return;
  if (!filter.since && !filter.until && !filter.completed_since && !filter.active_between) return;
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  options.total_order_seek = true;
  options.iterate_upper_bound = &end_slice_;
  spans_.reset(table.db.NewIterator(options));
}

Sequence TimeSpans::newest_that_may_match(Sequence at) {
  if (!spans_ || (fitting_from_ && *fitting_from_ <= at && at <= fitting_to_)) return at;
  for (spans_->Seek(slice_of(row_index::span_key(at))); spans_->Valid(); spans_->Next()) {
    const auto end = row_index::end_of_span(spans_->key().ToStringView());
    const auto span = row_index::parse_span(spans_->value().ToStringView());
    if (!end || !span) throw_rows_damaged("the times of a block of events have an unknown form");
    if (!fits(*span)) continue;
    fitting_to_ = *end;
    fitting_from_ = Sequence{end->value - (row_index::kSpanEvents - 1)};
    return std::min(at, *end);
  }
  check_derived(spans_->status(), "reading the times of blocks");
  return Sequence{};
}

bool TimeSpans::fits(const row_index::Span& span) const {
  if (filter_.since && span.latest < *filter_.since) return false;
  if (filter_.until && span.earliest >= *filter_.until) return false;
  if (filter_.completed_since && span.completed < *filter_.completed_since) return false;
  if (!filter_.active_between) return true;
  return span.earliest < filter_.active_between->until &&
         (span.open > 0 || span.completed >= filter_.active_between->from);
}

}  // namespace runledger
