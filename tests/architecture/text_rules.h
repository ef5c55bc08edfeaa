// The style rules about the text of single files.
#pragma once

#include <vector>

#include "tests/architecture/source_tree.h"

namespace runledger::style {

inline constexpr int kHeaderLinesMax = 200;
inline constexpr int kFileLinesMax = 600;
inline constexpr int kColumnsMax = 120;
inline constexpr int kFunctionLinesMax = 70;
inline constexpr int kDocLinesMax = 200;

// Headers, other sources and docs keep to their limits of lines. Lines keep to the limit of columns, counted in
// characters; in docs, lines of tables and of code may be longer.
[[nodiscard]] std::vector<Finding> file_sizes(const SourceTree& tree);

// Functions keep to the limit of lines, from the start of the signature to the closing brace. Functions are found by
// matching braces, not by parsing.
[[nodiscard]] std::vector<Finding> function_lengths(const SourceTree& tree);

// No source has a mark that must never leave a desk, or a to-do mark without one of the allowed kinds.
[[nodiscard]] std::vector<Finding> leftovers(const SourceTree& tree);

// Every source begins with a comment that says in a sentence what it is.
[[nodiscard]] std::vector<Finding> purpose_lines(const SourceTree& tree);

// Only the rooms named postgres (projections/postgres, engines/postgres, schema/postgres) have SQL. Tests may use it
// too.
[[nodiscard]] std::vector<Finding> sql_homes(const SourceTree& tree);

// The name of a test is a sentence: several capitalised words, no underscores.
[[nodiscard]] std::vector<Finding> test_names(const SourceTree& tree);

}  // namespace runledger::style
