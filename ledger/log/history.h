// The history of a log: whether it goes on from a tree over its first events that was remembered elsewhere.
#pragma once

#include "ledger/log/append_batch.h"
#include "ledger/log/merkle.h"
#include "ledger/log/store/store.h"

namespace runledger {

// Returns `tree`, which is over the first events of the log, with the stored events after it up to `to` appended.
// Requires that the log ends at `to` or later. Throws Failure "storage.damaged" when an event is missing.
[[nodiscard]] MerkleFrontier extend_tree(const Store& store, MerkleFrontier tree, Sequence to);

// Returns whether the log that ends with `head` has the events of `tree` as its first ones. Reads only the events after
// them, and none when `tree` is empty, because every log goes on from nothing. Requires that `tree` is no larger than
// the log. Throws as extend_tree() does.
[[nodiscard]] bool continues(const Store& store, const MerkleFrontier& tree, const Head& head);

}  // namespace runledger
