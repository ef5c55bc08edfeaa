// The events of one scope as they are stored, in order, found through the index of scopes.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "ledger/log/store/store.h"
#include "ledger/values/names.h"

namespace runledger {

// Visits the stored bytes of the first `count` events of the scope, which are valid during the visit. Throws Failure
// "storage.damaged" when the scope has fewer or one is missing, and "storage.failed" when the engine cannot read. Any
// thread may call it.
void visit_events_of(const Store& store, const Scope& scope, std::uint64_t count,
                     const std::function<void(std::string_view stored)>& visit);

}  // namespace runledger
