// The mark: how far the log has come, written beside the store, so that a store that has lost its end is noticed.
//
// The engine's own log can lose its last records without leaving a trace in the store: what is left looks like a log
// that never was longer. The mark is a small file outside of the store. It holds a head of the log (sequence, time and
// the tree's frontier); a log that ends before its mark has lost events, and one that does not continue the marked tree
// is another history.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include "ledger/log/event_log.h"

namespace runledger {

// Replaces the mark of the ledger in `directory` atomically and durably. Throws Failure "storage.failed".
void write_mark(const std::filesystem::path& directory, const Head& head);

// Compares a store with the mark beside it. `head` is the end of the store's log. Reads only the events after the mark.
// Throws Failure "storage.damaged" when the mark is missing or no mark, when the log ends before it, in which case the
// message has the number of missing events, and when the log does not continue the marked one.
void check_mark(const Store& store, const Head& head);

// Keeps the mark of an open log up to date with a thread of its own, off the path of appends: while events come, the
// mark is never more than about a second behind them.
class MarkKeeper {
 public:
  // `log` is of `store`; neither is owned, and both must outlive the keeper. `on_failed` is called on the keeper's
  // thread, or by the destructor, when the mark could not be written; it is tried again when more events have come.
  MarkKeeper(const Store& store, const EventLog& log, std::function<void(const std::string& what)> on_failed);

  // Moves everything that only the engine's own log holds into the store's tables, and writes the last mark. Requires
  // that nothing is appended any more.
  ~MarkKeeper();

 private:
  void keep(const std::stop_token& stop);
  void write();

  const Store& store_;
  const EventLog& log_;
  const std::function<void(const std::string&)> on_failed_;
  Sequence marked_;  // Used by the thread, and after it by the destructor.
  std::jthread thread_;
};

}  // namespace runledger
