// The checks that a log must pass when it is opened.
#pragma once

#include "ledger/log/append_batch.h"
#include "ledger/log/store/store.h"

namespace runledger {

// How many of the newest events are decoded and compared with the head, the indexes and the tree.
inline constexpr std::uint64_t kEventsCheckedOnOpen = 100;

// Returns the stored head of the log in `store`, after checking that the end of the log agrees with it. The cost does
// not grow with the log; `verify` finds damage further back.
//
// Throws Failure "storage.damaged" unless
// - the log ends at the head,
// - no sequence is missing among the newest events and among those that were recovered after a crash,
// - the newest kEventsCheckedOnOpen events decode, are in the three indexes, are numbered without a gap in each
//   workspace, do not go back in time, and hash to the smallest subtrees of the tree in the head.
[[nodiscard]] Head check_log_end(const Store& store);

}  // namespace runledger
