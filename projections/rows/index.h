// The keys of local rows: where a row stands, which index entries it has, and which of them answer a list.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "projections/rows/run_list.h"

namespace runledger::row_index {

// Raised when an entry below changes, or what totals keep; rows of another revision are dropped and follow from zero.
inline constexpr std::uint32_t kRevision = 4;

// Rows: RunId -> OperationRun. Everything below stands in the other family, told apart by the first byte.
[[nodiscard]] std::string row_key(RunId run);
// Absent when `bytes` are not 16.
[[nodiscard]] std::optional<RunId> parse_run(std::string_view bytes);

// The entry that says how far the rows have followed the log, and in which form they are.
struct Mark {
  std::uint32_t row_revision = 0;
  std::uint32_t index_revision = 0;
  Sequence checkpoint;
  friend bool operator==(const Mark&, const Mark&) = default;
};
inline constexpr std::string_view kMarkKey = "m";
[[nodiscard]] std::string encode(const Mark& mark);
[[nodiscard]] std::optional<Mark> parse_mark(std::string_view stored);

// Totals of one scope and type.
inline constexpr std::string_view kTotalsPrefix = "g";
[[nodiscard]] std::string totals_key(const Scope& scope, const RunType& type);
// What every totals key that matches `filter` begins with; some that do not match may too.
[[nodiscard]] std::string totals_prefix(const RunFilter& filter);
[[nodiscard]] bool totals_match(std::string_view totals_key, const RunFilter& filter);

// List entries: KIND, the names it lists by, the row's age (newest first) -> RunId.
inline constexpr std::string_view kEntriesFrom = "n";  // Every list entry's key is at or after it,
inline constexpr std::string_view kEntriesTo = "{";    // and before it.
// Entries that last as long as the row: by workspace, by tenant, by type.
[[nodiscard]] std::vector<std::string> fixed_entries(const OperationRun::Row& row);
// Entries that move when status or outcome change: by state, and by scope and state.
[[nodiscard]] std::vector<std::string> state_entries(const OperationRun::Row& row, RunStatus status,
                                                     RunOutcome outcome);
[[nodiscard]] std::vector<std::string> all_entries(const OperationRun::Row& row);

// The entry of a queued run, by type, scope and the time from which it is due; absent of others.
[[nodiscard]] std::optional<std::string> due_entry(const OperationRun::Row& row);
inline constexpr std::string_view kDuePrefix = "q";
// What the entries of the queued runs of a type and scope begin with.
[[nodiscard]] std::string due_prefix(const RunType& type, const Scope& scope);
// Where those that are due at or after `from` begin.
[[nodiscard]] std::string due_seek_key(std::string_view due_prefix, Time from);
struct DueKey {
  RunType type;
  Scope scope;
  Time due;
};
// Absent when `entry` is none.
[[nodiscard]] std::optional<DueKey> parse_due(std::string_view entry);

// The row's first_sequence, from an entry's key. Requires at least 8 bytes.
[[nodiscard]] Sequence age_of(std::string_view entry);
// Where the entries of `prefix` that are older than `before` begin.
[[nodiscard]] std::string seek_key(std::string_view prefix, Sequence before);

// The prefixes whose entries, merged by age, hold every row that matches, each once; as few others as the indexes can
// tell. Empty: no row can match.
[[nodiscard]] std::vector<std::string> plan(const RunFilter& filter);
[[nodiscard]] bool matches(const OperationRun::Row& row, const RunFilter& filter);

}  // namespace runledger::row_index
