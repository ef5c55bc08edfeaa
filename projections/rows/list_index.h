// The index entries by which lists find runs, and the choice of those that answer a filter.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "projections/rows/run_list.h"

namespace runledger::row_index {

// List entries: a level, an aspect and a value of the run, and its age (newest first) -> RunId. The level is the whole
// ledger, the workspace of the run, or its workspace and tenant: a list of one scope therefore reads no entry of
// another.
inline constexpr std::string_view kEntriesFrom = "n";  // All list entries have keys at or after this one.
inline constexpr std::string_view kEntriesTo = "{";    // All list entries have keys before this one.

// The levels at which a run of this scope has entries, as parts of keys.
[[nodiscard]] std::vector<std::string> levels_of(const Scope& scope);
// The level that a reader of this scope reads. A tenant without its workspace selects none.
[[nodiscard]] std::string level_of(const std::optional<Workspace>& workspace, const std::optional<Tenant>& tenant);

// Entries that never change.
[[nodiscard]] std::vector<std::string> fixed_entries(const OperationRun::Row& row);
// Entries that change with the row, with its due entry (projections/rows/index.h).
[[nodiscard]] std::vector<std::string> moving_entries(const OperationRun::Row& row);
// The entries by a worker that has started an attempt of the run, which the row does not tell.
[[nodiscard]] std::vector<std::string> worker_entries(const OperationRun::Row& row, const SanitizedText& worker);
// All of the above.
[[nodiscard]] std::vector<std::string> all_entries(const OperationRun::Row& row,
                                                   const std::vector<SanitizedText>& workers = {});
// Whether `entry` is one of all_entries().
[[nodiscard]] bool has_entry(const OperationRun::Row& row, const std::vector<SanitizedText>& workers,
                             std::string_view entry);

// The first_sequence of the row, from the key of a list entry other than a due entry. Requires at least 8 bytes.
[[nodiscard]] Sequence age_of(std::string_view entry);
// The key at which the entries of `prefix` begin that are older than `before`. Requires `before` greater than zero.
[[nodiscard]] std::string seek_key(std::string_view prefix, Sequence before);

// Prefixes whose entries, merged by age, hold each of their rows once.
using RowUnion = std::vector<std::string>;
// Unions that all hold every row that the filter lets pass. Together they hold few other rows. Empty when no row can
// match. Only those of an identity or a parent can have entries of scopes that the filter does not let pass.
[[nodiscard]] std::vector<RowUnion> plan(const RunFilter& filter);
[[nodiscard]] bool is_in_scope(const OperationRun::Row& row, const RunFilter& filter);
// Whether the row matches the filter, but for `worker`, which the row does not tell: the entries do.
[[nodiscard]] bool matches(const OperationRun::Row& row, const RunFilter& filter);

}  // namespace runledger::row_index
