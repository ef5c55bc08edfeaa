// The JSON form of the catalog: what `runledger types` prints and the daemon sends, and what Catalog::parse reads.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "ledger/rules/catalog.h"

namespace runledger {

// One element of "types", with every member.
[[nodiscard]] nlohmann::ordered_json entry_to_json(const CatalogEntry& entry);

[[nodiscard]] std::string_view to_string(TypeScope scope);  // "any", "tenant", "workspace"

}  // namespace runledger
