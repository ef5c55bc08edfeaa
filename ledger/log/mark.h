// The mark: how far the log has come, written beside the store, so that a store that has lost its end is noticed.
//
// The engine's own log can lose its last records without leaving a trace in the store: what is left looks like a log
// that never was longer. The mark is a small file outside of the store. It holds a head of the log (sequence, time and
// the tree's frontier); a log that ends before its mark has lost events, and one that does not continue the marked tree
// is another history.
#pragma once

#include <filesystem>

#include "ledger/log/append_batch.h"
#include "ledger/log/store/store.h"

namespace runledger {

// Replaces the mark of the ledger in `directory` atomically and durably. Throws Failure "storage.failed".
void write_mark(const std::filesystem::path& directory, const Head& head);

// Returns the head that the mark holds; an empty one for a new ledger. Throws Failure "storage.damaged" when the mark
// is missing or no mark.
[[nodiscard]] Head read_mark(const std::filesystem::path& directory);

// Compares a store with the mark beside it. `head` is the end of the store's log. Reads only the events after the mark.
// Throws as read_mark() does, and "storage.damaged" when the log ends before the mark, in which case the message has
// the number of missing events, and when the log does not continue the marked one.
void check_mark(const Store& store, const Head& head);

}  // namespace runledger
