// What a log is checked for when it is opened.
#pragma once

#include "ledger/log/append_batch.h"
#include "ledger/log/store/store.h"

namespace runledger {

// How many of the newest events are read and held against head, indexes and tree.
inline constexpr std::uint64_t kEventsCheckedOnOpen = 100;

// The head that `store` says its log has. Throws "storage.damaged" unless the log ends there, its newest events decode,
// are indexed, do not go back in time and make the tree's smallest subtrees, and no number is missing among the events
// that were recovered after a crash. Its cost does not grow with the log.
[[nodiscard]] Head check_log_end(const Store& store);

}  // namespace runledger
