// The mark: how far the log has come, written beside the store, so that a store that has lost its end is noticed.
//
// The engine's own log can lose its last records without leaving a trace in the store: what is left looks like a log
// that never was longer. The mark is a small file outside of the store. It holds a head of the log (sequence, time and
// the tree's frontier); a log that ends before its mark has lost events, and one that does not continue the marked tree
// is another history. It also holds which files of the engine's log are needed: one of them may hold states of events
// that are in tables already, so that its loss would not shorten the log.
#pragma once

#include <filesystem>

#include "ledger/log/append_batch.h"
#include "ledger/log/store/store.h"

namespace runledger {

// Replaces the mark beside `store` atomically and durably. `head` is one of its log. Throws Failure "storage.failed".
void write_mark(const Store& store, const Head& head);

// Compares a store with the mark beside it, and returns the last event that the mark names: zero for a new ledger's,
// which is empty. `head` is the end of the store's log. Reads only the events after the mark. Throws Failure
// "storage.damaged" when the mark is missing or no mark, when the log ends before the mark, in which case the message
// has the number of missing events, when the log does not continue the marked one, and when a needed file of the
// engine's log, or the end of its manifest, was lost.
Sequence check_mark(const Store& store, const Head& head);

// What a mark holds.
struct Mark {
  Head head;
  NeededLogs logs;
};
// Reads the mark of the ledger in `directory`. Opens no store. Throws Failure "storage.damaged" when it is missing or
// no mark.
[[nodiscard]] Mark read_mark(const std::filesystem::path& directory);

// Returns the last event that the mark of the ledger in `directory` names: at most about a second older than the end of
// the log. Throws as read_mark() does.
[[nodiscard]] Sequence marked_end(const std::filesystem::path& directory);

}  // namespace runledger
