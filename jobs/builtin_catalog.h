// The types of operations that come with runledger: schema/catalog.json, built in.
#pragma once

#include "ledger/catalog.h"

namespace runledger {

// Types that it does not list get the default policy of ledger/policy.h.
[[nodiscard]] Catalog builtin_catalog();

}  // namespace runledger
