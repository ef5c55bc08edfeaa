// Two things skip what cannot match: the intersection of the index entries that plan() chose, and the spans of times.
// Only rows that both let pass are read. They match, but for a time that is not in the span of their block by itself.
#include "projections/rows/list_search.h"

#include <algorithm>

#include "projections/rows/merge.h"
#include "projections/rows/time_spans.h"

namespace runledger {
namespace {

constexpr std::size_t kStepsOfARow = 4;  // Reading a row takes as long as passing over so many entries.

class Search {
 public:
  Search(const RowTable& table, const RunFilter& filter, const rocksdb::Snapshot* snapshot)
      : table_(table),
        filter_(filter),
        snapshot_(snapshot),
        unions_(row_index::plan(filter)),
        spans_(table, filter, snapshot) {}

  FoundRows run(Sequence before, std::size_t limit) {
    FoundRows found;
    if (unions_.empty()) return found;
    RowIntersection entries(table_, unions_, before, snapshot_);
    std::size_t steps = kEntriesPassedOverMax;
    for (Sequence at{before.value - 1}; at.value > 0;) {
      at = spans_.newest_that_may_match(at);
      if (at.value == 0) break;
      const bool is_found = entries.find(at, steps);
      at = entries.age();
      if (at.value == 0) break;
      if (!is_found || steps == 0 || found.rows.size() == limit) {
        found.next_before = at.next();
        break;
      }
      if (spans_.newest_that_may_match(at) != at) continue;
      if (auto row = matching(entries.run())) {
        found.rows.push_back(*std::move(row));
      } else {
        steps -= std::min(steps, kStepsOfARow);
      }
      at = Sequence{at.value - 1};
    }
    return found;
  }

 private:
  // An entry without its row is damage, which verify reports, or the effect of a concurrent rebuild.
  std::optional<OperationRun::Row> matching(RunId run) const {
    const auto stored = table_.read(row_index::row_key(run), snapshot_);
    if (!stored) return std::nullopt;
    OperationRun::Row row = decode_row(run, *stored);
    return row_index::matches(row, filter_) ? std::optional(std::move(row)) : std::nullopt;
  }

  const RowTable& table_;
  const RunFilter& filter_;
  const rocksdb::Snapshot* snapshot_;
  std::vector<row_index::RowUnion> unions_;
  TimeSpans spans_;
};

}  // namespace

FoundRows search_rows(const RowTable& table, const RunFilter& filter, Sequence before, std::size_t limit,
                      const rocksdb::Snapshot* snapshot) {
  return Search(table, filter, snapshot).run(before, limit);
}

}  // namespace runledger
