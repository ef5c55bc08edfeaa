// The style rules about the page, web/: what it may import, ask for and use.
#pragma once

#include <vector>

#include "tests/architecture/source_tree.h"

namespace runledger::style {

// The page imports its own files and what web/vendor/ has, and nothing else.
[[nodiscard]] std::vector<Finding> page_imports(const SourceTree& tree);

// Every path of the HTTP interface that the page names is one that schema/openapi.json has. An expression within the
// path stands for one segment.
[[nodiscard]] std::vector<Finding> page_routes(const SourceTree& tree);

// The page makes no element, script or style of text, and names no other origin.
[[nodiscard]] std::vector<Finding> page_safety(const SourceTree& tree);

// Every vendored file has the hash that SHA256SUMS beside it names, and its licence is there.
[[nodiscard]] std::vector<Finding> page_vendor(const SourceTree& tree);

}  // namespace runledger::style
