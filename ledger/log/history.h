// The history of a log: whether it goes on from a tree over its first events that was remembered elsewhere.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ledger/log/append_batch.h"
#include "ledger/log/merkle.h"
#include "ledger/log/store/store.h"

namespace runledger {

// The form in which a tree is remembered: its roots in hex, end to end, the largest subtree first. parse_tree() returns
// nullopt when `roots` is not the form of a tree of `size` leaves.
[[nodiscard]] std::string format_roots(const MerkleFrontier& tree);
[[nodiscard]] std::optional<MerkleFrontier> parse_tree(std::uint64_t size, std::string_view roots);

// Returns `tree`, which is over the first events of the log, with the stored events after it up to `to` appended.
// Requires that the log ends at `to` or later. Throws Failure "storage.damaged" when an event is missing.
[[nodiscard]] MerkleFrontier extend_tree(const Store& store, MerkleFrontier tree, Sequence to);

// Returns whether the log that ends with `head` has the events of `tree` as its first ones. Reads only the events after
// them, and none when `tree` is empty, because every log goes on from nothing. Requires that `tree` is no larger than
// the log. Throws as extend_tree() does.
[[nodiscard]] bool continues(const Store& store, const MerkleFrontier& tree, const Head& head);

}  // namespace runledger
