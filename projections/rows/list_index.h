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

// For the erasure of a tenant's content (projections/rows/erased_rows.h). All keys are of the tenant's level.
//
// The prefix of the entries that lead to the tenant's runs, each once.
[[nodiscard]] std::string prefix_of_runs(const Scope& scope);
// The prefixes of the entries whose keys are made of content: initiators, workers and labels.
[[nodiscard]] std::vector<std::string> prefixes_of_content(const Scope& scope);
// What such an entry is when its event has no content; absent when there is none then.
[[nodiscard]] std::optional<std::string> without_content(const Scope& scope, std::string_view entry);
// The entry in each level that has it.
[[nodiscard]] std::vector<std::string> in_all_levels(const Scope& scope, std::string_view entry);

}  // namespace runledger::row_index
