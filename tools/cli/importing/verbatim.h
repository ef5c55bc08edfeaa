// Takes the events of an export over as they are.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tools/cli/context.h"
#include "tools/cli/importing/line_reader.h"
#include "tools/cli/importing/report.h"

namespace runledger {

// Events that the ledger already holds are repeated; the first that is another one, or that cannot follow, ends the
// import with its code, file and line. What came before it is kept, and counted in `report`: it is the beginning of the
// export, and the same import can go on from there. Requires as many files as readers, and batch of 1 or more. Throws
// Refused, Failure.
void import_verbatim(Ledger& ledger, const std::vector<std::string>& files,
                     const std::vector<std::unique_ptr<LineReader>>& readers, std::size_t batch, const Context& context,
                     ImportReport& report);

}  // namespace runledger
