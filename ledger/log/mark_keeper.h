// Keeps the mark beside the store (ledger/log/mark.h) up to date while a log is open.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include "ledger/log/event_log.h"
#include "ledger/log/store/store.h"

namespace runledger {

// Keeps the mark of an open log up to date with a thread of its own, off the path of appends: while events come, the
// mark is never more than about a second behind them.
class MarkKeeper {
 public:
  // `log` is of `store`; neither is owned, and both must outlive the keeper. `on_failed` is called on the keeper's
  // thread, or by the destructor, when the mark could not be written; it is tried again when more events have come. The
  // destructor also calls it when the tables could not be written, for instance because the disk is full.
  MarkKeeper(Store& store, const EventLog& log, std::function<void(const std::string& what)> on_failed);

  // Moves everything that only the engine's own log holds into the store's tables, and writes the last mark. Requires
  // that nothing is appended any more.
  ~MarkKeeper();

 private:
  void keep(const std::stop_token& stop);
  void write();

  Store& store_;
  const EventLog& log_;
  const std::function<void(const std::string&)> on_failed_;
  Sequence marked_;  // Used by the thread, and after it by the destructor.
  std::jthread thread_;
};

}  // namespace runledger
