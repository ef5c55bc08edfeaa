// The JSON form of rows, as show, list, stats and replay --state print it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "projections/folds/operation_run.h"
#include "projections/folds/run_history.h"
#include "projections/rows/run_list.h"

namespace runledger {

// One member of the JSON object of a row.
struct RowMember {
  std::string_view name;
  std::string json;
};

// One member per column of operation_runs, with the name of the column, plus "run_id" (the same as "id"). Times have
// the form of RFC 3339, and absent values are null.
[[nodiscard]] std::vector<RowMember> row_members(const OperationRun::Row& row);
// How much of a row is printed: all of it, or everything but the input, which can have 64 KiB.
enum class RowView { kWhole, kSummary };
// Adds "progress", which is no column, when `progress` has any.
[[nodiscard]] std::string row_to_json(const OperationRun::Row& row, const Counts& progress = {},
                                      RowView view = RowView::kWhole);
[[nodiscard]] std::string attempt_to_json(const AttemptRow& attempt);
// Adds "log", with its size and root, when `totals` have it.
[[nodiscard]] std::string totals_to_json(const LedgerTotals& totals);

}  // namespace runledger
