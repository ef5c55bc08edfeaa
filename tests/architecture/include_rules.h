// The style rules about includes.
#pragma once

#include <vector>

#include "tests/architecture/source_tree.h"

namespace runledger::style {

// Includes go one way, between folders and between the rooms of a folder (docs/architecture.md). Nothing includes tests
// or bench, which may include everything.
[[nodiscard]] std::vector<Finding> include_direction(const SourceTree& tree);

// Each foreign library is included only in the rooms that are its home. Tests and bench may use them all.
[[nodiscard]] std::vector<Finding> library_homes(const SourceTree& tree);

// No header and source, taken as one, includes itself by way of other files.
[[nodiscard]] std::vector<Finding> include_cycles(const SourceTree& tree);

}  // namespace runledger::style
