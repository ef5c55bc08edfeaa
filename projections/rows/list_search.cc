// Two things skip what cannot match: the intersection of the index entries that plan() chose, and the spans of times.
// Only rows that both let pass are read.
//
// The digits of an id are compared with the id in the entry. A search by nothing else reads the few rows with these
// digits instead, which are side by side.
//
// A search for a caller that is bound to a scope does neither: spans are of blocks of the whole log, and rows with the
// same digits are of all scopes. How far the search comes would tell how many events and runs others have.
#include "projections/rows/list_search.h"

#include <algorithm>

#include "projections/rows/list_index.h"
#include "projections/rows/merge.h"
#include "projections/rows/time_spans.h"

namespace runledger {
namespace {

constexpr std::size_t kStepsOfARow = 4;  // Reading a row takes as long as passing over so many entries.
constexpr std::size_t kIdDigits = 32;

// The smallest id with these digits, and the largest one.
RunId id_of(std::string digits, char filler) {
  digits.resize(kIdDigits, filler);
  return *row_index::parse_run(*parse_hex(digits));
}

class Search {
 public:
  Search(const RowTable& table, const RunFilter& filter, const rocksdb::Snapshot* snapshot)
      : table_(table),
        filter_(filter),
        snapshot_(snapshot),
        unions_(row_index::plan(filter)),
        spans_(table, filter, snapshot) {}

  FoundRows run(Sequence before, std::size_t limit) {
    if (unions_.empty()) return {};
    if (filter_.id_prefix && (!filter_.is_bound || filter_.id_prefix->digits.size() == kIdDigits)) {
      if (search_by_id(before, limit)) return std::move(found_);
      found_ = {};
    }
    search_by_age(before, limit);
    return std::move(found_);
  }

 private:
  void search_by_age(Sequence before, std::size_t limit) {
    RowIntersection entries(table_, unions_, before, snapshot_);
    for (Sequence at{before.value - 1}; at.value > 0;) {
      at = spans_.newest_that_may_match(at);
      if (at.value == 0) return;
      const bool is_found = find(entries, at);
      at = entries.age();
      if (at.value == 0) return;
      if (!is_found || steps_ == 0 || found_.rows.size() == limit) return stop(entries);
      if (spans_.newest_that_may_match(at) != at) continue;
      if (!take(entries.run())) return;
      at = Sequence{at.value - 1};
    }
  }

  bool find(RowIntersection& entries, Sequence at) {
    const std::size_t before = steps_;
    const bool is_found = entries.find(at, steps_);
    found_.scanned += before - steps_ + (is_found ? 1 : 0);
    return is_found;
  }

  void stop(const RowIntersection& entries) {
    found_.next_before = entries.age().next();
    const auto row = read(entries.run());
    if (row && row_index::is_in_scope(*row, filter_)) found_.reached = row->requested_at;
  }

  // Takes a run if it matches. Returns false when no other run of the index can match either.
  bool take(RunId run) {
    if (filter_.id_prefix && !filter_.id_prefix->matches(run)) {
      steps_ -= std::min<std::size_t>(steps_, 1);
      return true;
    }
    auto row = read(run);
    if (row && !row_index::is_in_scope(*row, filter_)) {
      --found_.scanned;  // It is none of the caller's business.
      return !filter_.identity;
    }
    if (row && row_index::matches(*row, filter_)) {
      found_.rows.push_back(*std::move(row));
    } else {
      steps_ -= std::min(steps_, kStepsOfARow);
    }
    return true;
  }

  // Returns false when too many ids have these digits.
  bool search_by_id(Sequence before, std::size_t limit) {
    const std::string from = row_index::row_key(id_of(filter_.id_prefix->digits, '0'));
    const std::string last = row_index::row_key(id_of(filter_.id_prefix->digits, 'f'));
    std::vector<OperationRun::Row>& rows = found_.rows;
    std::size_t left = kEntriesPassedOverMax / kStepsOfARow;
    table_.visit(from, last + '\0', snapshot_, [&](std::string_view key, std::string_view stored) {
      const std::optional<RunId> run = row_index::run_of_row(key);
      if (!run) throw_rows_damaged("the key of a row has an unknown form");
      OperationRun::Row row = decode_row(*run, stored);
      if (row_index::is_in_scope(row, filter_)) ++found_.scanned;
      if (row.first_sequence < before && row_index::matches(row, filter_) && has_worker(row))
        rows.push_back(std::move(row));
      return --left == 0 ? Scan::kStop : Scan::kContinue;
    });
    if (left == 0) return false;
    std::sort(rows.begin(), rows.end(),
              [](const auto& a, const auto& b) { return a.first_sequence > b.first_sequence; });
    if (rows.size() > limit) {
      found_.next_before = rows[limit].first_sequence.next();
      found_.reached = rows[limit].requested_at;
      rows.resize(limit);
    }
    return true;
  }

  // Whether the worker of the filter, if it has one, has started an attempt of the run.
  bool has_worker(const OperationRun::Row& row) const {
    if (!filter_.worker) return true;
    const std::vector<std::string> entries = row_index::worker_entries(row, *filter_.worker);
    return table_.read(entries.front(), snapshot_).has_value();
  }

  // An entry without its row is damage, which verify reports, or the effect of a concurrent rebuild.
  std::optional<OperationRun::Row> read(RunId run) const {
    const auto stored = table_.read(row_index::row_key(run), snapshot_);
    return stored ? std::optional(decode_row(run, *stored)) : std::nullopt;
  }

  const RowTable& table_;
  const RunFilter& filter_;
  const rocksdb::Snapshot* snapshot_;
  std::vector<row_index::RowUnion> unions_;
  TimeSpans spans_;
  FoundRows found_;
  std::size_t steps_ = kEntriesPassedOverMax;
};

}  // namespace

FoundRows search_rows(const RowTable& table, const RunFilter& filter, Sequence before, std::size_t limit,
                      const rocksdb::Snapshot* snapshot) {
  return Search(table, filter, snapshot).run(before, limit);
}

}  // namespace runledger
