// Style rules about the repository as a whole: names, folders, docs, golden files, and the exceptions to all rules.
#pragma once

#include <vector>

#include "tests/architecture/source_tree.h"

namespace runledger::style {

// Names that have not found their concept: of files and folders, as a whole word.
[[nodiscard]] std::vector<Finding> banned_names(const SourceTree& tree);

// docs/architecture.md names every folder that holds sources, as "folder/". Test folders that mirror one are known by
// it.
[[nodiscard]] std::vector<Finding> folders_documented(const SourceTree& tree);

// tests/fixtures/data/golden/ holds a stored form of each kind of event: the kind is part of a file's name.
[[nodiscard]] std::vector<Finding> golden_files(const SourceTree& tree);

// Every relative link of a Markdown page leads somewhere.
[[nodiscard]] std::vector<Finding> doc_links(const SourceTree& tree);

// Every test that docs/guarantees.md names, as `Suite.Name`, is there; and it names some.
[[nodiscard]] std::vector<Finding> guarantees_shown(const SourceTree& tree);

// Takes away what `exceptions` allows, one "RULE PATH # why" a line, and adds a finding for every exception that has no
// reason or that nothing needs any more.
[[nodiscard]] std::vector<Finding> apply_exceptions(std::vector<Finding> findings, const std::string& exceptions);

}  // namespace runledger::style
