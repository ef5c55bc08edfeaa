// The rows of a tenant whose content was erased.
#pragma once

#include "projections/rows/table.h"

namespace runledger {

// Makes the tenant's rows, and the index entries that lead to them, those of the same events without their content.
// Writes batch by batch: what a crash leaves may have content still, and the event that erased it is folded again,
// because the checkpoint is before it. Rows that have no content already stay as they are. One thread at a time, and
// none may fold meanwhile. Throws as RowStore does.
void erase_content(const RowTable& table, const Scope& scope);

}  // namespace runledger
