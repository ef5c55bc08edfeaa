// The JSON form of the catalog: what `runledger types` prints and the daemon sends, and what Catalog::parse reads.
#pragma once

#include <string>

#include "ledger/rules/catalog.h"

namespace runledger {

// One element of "types", with every member.
[[nodiscard]] std::string entry_to_json(const CatalogEntry& entry);

// {"types":[…]}
[[nodiscard]] std::string catalog_to_json(const Catalog& catalog);

}  // namespace runledger
