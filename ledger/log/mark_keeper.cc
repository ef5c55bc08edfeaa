// Writes the mark whenever the log has grown, and then rests for a while.
#include "ledger/log/mark_keeper.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "ledger/base/failure.h"
#include "ledger/base/thread_name.h"
#include "ledger/log/mark.h"
#include "ledger/log/tail.h"

namespace runledger {
namespace {

constexpr std::chrono::milliseconds kMarkedEvery{500};

}  // namespace

MarkKeeper::MarkKeeper(Store& store, const EventLog& log, std::function<void(const std::string& what)> on_failed)
    : store_(store),
      log_(log),
      on_failed_(std::move(on_failed)),
      marked_(log.marked()),
      thread_([this](const std::stop_token& stop) { keep(stop); }) {}

MarkKeeper::~MarkKeeper() {
  thread_.request_stop();
  thread_.join();
  try {
    store_.flush_at_end();
  } catch (const Failure& failure) {  // Nothing is lost: the engine's own log keeps what is in no table.
    if (on_failed_) on_failed_(failure.what());
  }
  if (marked_ < log_.last()) write();
}

void MarkKeeper::keep(const std::stop_token& stop) {
  name_thread("mark-keeper");
  follow_log(log_, marked_, stop, [&](Sequence last) {
    write();
    std::mutex asleep;
    std::condition_variable_any never;  // Only a stop request ends the sleep early.
    std::unique_lock lock(asleep);
    never.wait_for(lock, stop, kMarkedEvery, [] { return false; });
    return last;
  });
}

void MarkKeeper::write() {
  const Head head = log_.head();
  try {
    write_mark(store_, head);
    marked_ = head.sequence;
  } catch (const Failure& failure) {
    if (on_failed_) on_failed_(failure.what());
  }
}

}  // namespace runledger
