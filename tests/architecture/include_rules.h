// Style rules about who may include what.
#pragma once

#include <vector>

#include "tests/architecture/source_tree.h"

namespace runledger::style {

// Includes go one way: schema <- ledger <- projections <- projections/postgres <- jobs <- tools. Nothing includes tests
// or bench, which may include everything.
[[nodiscard]] std::vector<Finding> include_direction(const SourceTree& tree);

// Each foreign library is included only where it lives. Tests may use them all.
[[nodiscard]] std::vector<Finding> library_homes(const SourceTree& tree);

// No file includes itself by way of others.
[[nodiscard]] std::vector<Finding> include_cycles(const SourceTree& tree);

}  // namespace runledger::style
