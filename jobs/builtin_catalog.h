// The types of operations that are built into runledger: schema/catalog.json.
#pragma once

#include "ledger/rules/catalog.h"

namespace runledger {

// Returns the catalog. `unlisted` is the policy for types that it does not list.
[[nodiscard]] Catalog builtin_catalog(const Policy& unlisted = {});

}  // namespace runledger
