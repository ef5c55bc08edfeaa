// The style rules about the repository as a whole: names, folders, docs, golden files, and the exceptions to all rules.
#pragma once

#include <vector>

#include "tests/architecture/source_tree.h"

namespace runledger::style {

// No file or folder has a name with a word, such as "util", that says nothing about its concept.
[[nodiscard]] std::vector<Finding> banned_names(const SourceTree& tree);

// docs/architecture.md names every folder that holds sources, as "folder/". A test folder that mirrors such a folder
// need not be named.
[[nodiscard]] std::vector<Finding> folders_documented(const SourceTree& tree);

// tests/fixtures/data/golden/ has a stored event of each kind; the kind is part of the file's name.
[[nodiscard]] std::vector<Finding> golden_files(const SourceTree& tree);

// Every relative link of a Markdown page leads to a file or folder.
[[nodiscard]] std::vector<Finding> doc_links(const SourceTree& tree);

// Every test that docs/guarantees.md names, as `Suite.Name`, exists. The page must name at least one.
[[nodiscard]] std::vector<Finding> guarantees_shown(const SourceTree& tree);

// Removes the findings that `exceptions` allows, and adds a finding for every exception that has no reason or is no
// longer needed. `exceptions` has lines of the form "RULE PATH # reason".
[[nodiscard]] std::vector<Finding> apply_exceptions(std::vector<Finding> findings, const std::string& exceptions);

}  // namespace runledger::style
