// Style rules about the text of single files.
#pragma once

#include <vector>

#include "tests/architecture/source_tree.h"

namespace runledger::style {

inline constexpr int kHeaderLinesMax = 200;
inline constexpr int kFileLinesMax = 600;
inline constexpr int kColumnsMax = 120;
inline constexpr int kFunctionLinesMax = 70;
inline constexpr int kDocLinesMax = 200;

// Lines a file: headers, other sources and docs have their limits. Columns: sources only, counted in characters.
[[nodiscard]] std::vector<Finding> file_sizes(const SourceTree& tree);

// Lines a function, from the start of its signature to its closing brace; found by matching braces, not by parsing.
[[nodiscard]] std::vector<Finding> function_lengths(const SourceTree& tree);

// Marks that must never leave a desk, and TODOs without one of the allowed kinds.
[[nodiscard]] std::vector<Finding> leftovers(const SourceTree& tree);

// Every source begins with a comment that says in a sentence what it is.
[[nodiscard]] std::vector<Finding> purpose_lines(const SourceTree& tree);

// SQL stands in projections/postgres and schema/postgres only. Tests may use it.
[[nodiscard]] std::vector<Finding> sql_homes(const SourceTree& tree);

// The name of a test is a sentence: several capitalised words, no underscores.
[[nodiscard]] std::vector<Finding> test_names(const SourceTree& tree);

}  // namespace runledger::style
