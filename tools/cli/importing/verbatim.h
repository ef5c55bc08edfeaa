// Imports the events of an export unchanged.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tools/cli/context.h"
#include "tools/cli/importing/line_reader.h"
#include "tools/cli/importing/report.h"

namespace runledger {

// Appends the events of `files` in order, at most `batch` in one commit. An event that the ledger already holds counts
// as repeated. The first event that differs from the one in the ledger, or cannot follow the last one, ends the import
// with its code, file and line. The events before it stay in the ledger and are counted in `report`, so that the same
// import can be repeated and goes on from there. Requires as many readers as files, and a batch of at least 1. Throws
// RefusedWith, and Failure "outcome.unknown".
void import_verbatim(Ledger& ledger, const std::vector<std::string>& files,
                     const std::vector<std::unique_ptr<LineReader>>& readers, std::size_t batch, const Context& context,
                     ImportReport& report);

}  // namespace runledger
