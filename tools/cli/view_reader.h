// Reads a ledger that no daemon serves, through views of its files.
#pragma once

#include <memory>

#include "projections/reader/ledger_reader.h"
#include "tools/cli/context.h"

namespace runledger {

// Returns a reader of a view that is made now. events() with a wait makes another one when the ledger has changed. The
// reader throws as embedded_reader() does, and events() also as ViewedLedger does.
[[nodiscard]] std::unique_ptr<LedgerReader> view_reader(const Context& context);

}  // namespace runledger
