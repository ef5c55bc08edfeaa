// The JSON form of the catalog, which `runledger types` prints, the daemon sends, and Catalog::parse reads.
#pragma once

#include <string>

#include "ledger/rules/catalog.h"

namespace runledger {

// Returns one element of "types", with all members, including those that have their default. Bounds and
// "expect_every_seconds" are there only where they are set.
[[nodiscard]] std::string entry_to_json(const CatalogEntry& entry);

// Returns {"types":[…]}, ordered by type.
[[nodiscard]] std::string catalog_to_json(const Catalog& catalog);

}  // namespace runledger
