// The types of operations that come with runledger: schema/catalog.json, built in.
#pragma once

#include "ledger/rules/catalog.h"

namespace runledger {

// `unlisted` is the policy of types that it does not list.
[[nodiscard]] Catalog builtin_catalog(const Policy& unlisted = {});

}  // namespace runledger
