// The columns of runs in CSV and TSV.
#pragma once

#include <string_view>
#include <vector>

namespace runledger {

// The names of the members of a run's JSON (projections/rows/json.h), those that people look at first coming first.
[[nodiscard]] const std::vector<std::string_view>& run_members();

}  // namespace runledger
