// The filters, pages and totals of lists of runs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ledger/evidence/log_standing.h"
#include "projections/folds/operation_run.h"
#include "projections/folds/statistics.h"

namespace runledger {

// The values of a filter, of which a run must have one. Without values it is no filter.
template <class T>
class AnyOf {
 public:
  AnyOf() = default;
  // A single value is the usual filter, so it converts by itself.
  AnyOf(T value) : values_{std::move(value)} {}  // NOLINT(google-explicit-constructor)
  AnyOf(std::optional<T> value) {                // NOLINT(google-explicit-constructor)
    if (value) values_.push_back(*std::move(value));
  }

  // Adds a value; one that is there already stays there once.
  void insert(T value) {
    const auto place = std::lower_bound(values_.begin(), values_.end(), value);
    if (place == values_.end() || *place != value) values_.insert(place, std::move(value));
  }
  [[nodiscard]] explicit operator bool() const { return !values_.empty(); }
  [[nodiscard]] bool admits(const T& value) const {
    return values_.empty() || std::binary_search(values_.begin(), values_.end(), value);
  }
  [[nodiscard]] const std::vector<T>& values() const { return values_; }
  friend bool operator==(const AnyOf&, const AnyOf&) = default;

 private:
  std::vector<T> values_;  // Sorted, each once.
};

// The first digits of a run's id: 4 to 32 hexadecimal ones, in lower case and without dashes.
struct IdPrefix {
  std::string digits;
  friend bool operator==(const IdPrefix&, const IdPrefix&) = default;

  [[nodiscard]] bool matches(RunId run) const { return format_hex(run.value.view()).starts_with(digits); }
};
// Accepts either case, and dashes. Code "id_prefix.invalid".
[[nodiscard]] Result<IdPrefix> parse_id_prefix(std::string_view text);

// A time at or after `from` and before `until`.
struct TimeRange {
  Time from;
  Time until;
  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};
// The form is FROM/UNTIL, two times of RFC 3339 (an interval of ISO 8601). Codes: those of parse_time(), and
// "range.invalid" for another form, or when FROM is after UNTIL.
[[nodiscard]] Result<TimeRange> parse_time_range(std::string_view text);

// A position, or a time, which means the last event that was recorded at or before it.
using AsOf = std::variant<Sequence, Time>;

// The filters of a list. A run must match all that are set.
struct RunFilter {
  std::optional<Workspace> workspace = {};
  std::optional<Tenant> tenant = {};
  AnyOf<RunType> type = {};
  AnyOf<RunStatus> status = {};
  AnyOf<RunOutcome> outcome = {};
  std::optional<Time> since = {};  // Matches a requested_at at or after this time.
  std::optional<Time> until = {};  // Matches a requested_at before this time.
  std::optional<ReasonCode> reason_code = {};
  std::optional<SanitizedText> initiator = {};
  std::optional<SanitizedText> worker = {};  // Matches a run of which this worker has started an attempt.
  std::optional<Identity> identity = {};
  std::optional<RunId> parent = {};
  Labels labels = {};              // Matches a run that has all of them.
  std::uint32_t attempts_min = 0;  // Matches a run of which at least so many attempts were started.
  bool deduped = false;            // Matches a run with which a request was answered.
  std::optional<IdPrefix> id_prefix = {};
  std::optional<Time> completed_since = {};      // Matches a completed_at at or after this time.
  std::optional<TimeRange> active_between = {};  // Matches a run that was requested and not completed in this time.
  // The runs as they were after this event: the list is that of then. A position after the last event means the end.
  std::optional<AsOf> as_of = {};
  // No filter, but says that the caller may know of this scope alone: the search then uses nothing that depends on the
  // runs of others, not even to be quicker, because the length of a page and `scanned` would tell of them.
  bool is_bound = false;
  friend bool operator==(const RunFilter&, const RunFilter&) = default;
};

// Adds a label as KEY=VALUE. Throws Refused as add_label() does, and "label.invalid" for a text without "=".
void require_label(RunFilter& filter, std::string_view text);

// Whether only workspace, tenant and type are set, which totals know.
[[nodiscard]] bool selects_totals(const RunFilter& filter);

// The number of values that one filter may have.
inline constexpr std::size_t kFilterValuesMax = 16;
// The answer to a filter of more values: code "filter.too_many".
[[nodiscard]] Rejection too_many_values(std::size_t found);

struct RunPage {
  // Newest first, by the sequence of the request rather than by time. There can be fewer rows than asked for, even
  // none, before the last page: the search stops after a bounded amount of work.
  std::vector<OperationRun::Row> rows = {};
  // Opaque; it reveals nothing about the skipped rows. Absent on the last page.
  std::optional<std::string> next_cursor = {};
  // How many entries of the indexes the search has looked at, found or not. A caller that is bound to a scope has only
  // those of its scope looked at.
  std::uint64_t scanned = 0;
  // The requested_at of the run at which the search stopped. Absent on the last page.
  std::optional<Time> reached = {};
};

struct LedgerTotals {
  Statistics statistics = {};
  Sequence head;                        // The position of the last event that is counted.
  std::optional<LogStanding> log = {};  // Only for callers who may see the whole ledger; RowStore leaves it out.
};

// The runs of these rows that are being carried out, for which progress may be known.
[[nodiscard]] inline std::vector<RunId> running(const std::vector<OperationRun::Row>& rows) {
  std::vector<RunId> runs;
  for (const OperationRun::Row& row : rows) {
    if (row.status == RunStatus::kRunning) runs.push_back(row.id);
  }
  return runs;
}

}  // namespace runledger
