// The append-only log of run events: the one source of truth.
//
// Everything else that the system shows is a fold over the events in this log. An append also writes the states that
// the next decision depends on; ledger/log/decision_states.h reads them.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

#include "ledger/log/append_batch.h"
#include "ledger/log/store/store.h"
#include "ledger/rules/event.h"

namespace rocksdb {
class WriteBatch;
}

namespace runledger {

// What an append does while the storage engine cannot keep up: return kStalled immediately, or wait.
enum class WhenBehind { kRefuse, kWait };

// The outcome of an append that did not fail.
enum class AppendOutcome {
  kAppended,  // The events are durable and readable.
  kStalled,   // Nothing was written, because the storage engine cannot keep up. The same batch may be appended later.
};

// A visitor's answer: whether it wants to see the next event.
enum class Scan { kContinue, kStop };

// Invariants: sequences are dense and never reused; an event that has been read never changes; nothing is readable
// before it is durable.
//
// One thread may append; any number of threads may read at the same time. A read never sees an event after last().
// Throws Failure "storage.failed" when the disk fails, "storage.damaged" when the log is damaged, and
// "ledger.format_newer" at an event that only a newer version can have written (ledger/base/failure.h).
class EventLog {
 public:
  static constexpr std::size_t kEventsPerAppendMax = 8192;

  // Checks the end of the log (ledger/log/check.h, ledger/log/mark.h); throws "storage.damaged" when it does not agree
  // with the head or the mark. Only then calls store.begin_writing(). `store` is not owned and must outlive the log.
  explicit EventLog(Store& store);
  ~EventLog();

  // Writes the whole batch in one atomic, synced write, and returns once the events are durable and readable. Requires
  // events numbered from last() + 1, at most kEventsPerAppendMax, with recorded_at never going back.
  //
  // With kWait it waits for as long as the engine stalls, and never returns kStalled. After a Failure it is unknown
  // whether the batch will survive, and every later append throws "storage.failed".
  [[nodiscard]] AppendOutcome append(const AppendBatch& batch, WhenBehind when_behind = WhenBehind::kRefuse);

  // Returns at most `count_max` events after `after`, in order. Empty: the caller has caught up.
  [[nodiscard]] std::vector<Envelope> read(Sequence after, std::size_t count_max) const;

  // Visits the events after `after` up to and including `to`, or last() if that is less, in order, without holding them
  // all in memory. Ends early when the visitor returns kStop. Throws "storage.damaged" on a gap. The stored bytes are
  // valid during the visit.
  using Visitor = std::function<Scan(const Envelope& envelope, std::string_view stored)>;
  void scan(Sequence after, Sequence to, const Visitor& visit) const;

  // Returns the events of one run that come after its event `after`, oldest first: at most `count_max`, and none after
  // `to`. Empty for a run that does not exist.
  [[nodiscard]] std::vector<Envelope> read_run(RunId run, Sequence to, RunVersion after = {},
                                               std::size_t count_max = ~std::size_t{0}) const;
  // Returns at most `count_max` events of one scope after `after`, in order.
  [[nodiscard]] std::vector<Envelope> read_scope(const Scope& scope, ScopeSequence after, std::size_t count_max) const;
  // Absent for zero and for a sequence after last().
  [[nodiscard]] std::optional<Envelope> find(Sequence sequence) const;

  // Returns the last event that was recorded at or before `time`; zero when no event was.
  [[nodiscard]] Sequence as_of(Time time) const;

  // How far the mark beside the store had come when the log was opened.
  [[nodiscard]] Sequence marked() const noexcept;
  // The newest durable event; zero when the log is empty. Never goes back.
  [[nodiscard]] Sequence last() const noexcept;
  // The same position with its time and the tree over the events up to it.
  [[nodiscard]] Head head() const;

  // Wait until the log has an event after `after`. Return false when `timeout` passes, or `stop` is requested, first.
  [[nodiscard]] bool wait_past(Sequence after, std::chrono::milliseconds timeout) const;
  [[nodiscard]] bool wait_past(Sequence after, const std::stop_token& stop) const;
  [[nodiscard]] bool wait_past(Sequence after, const std::stop_token& stop, std::chrono::milliseconds timeout) const;

  // The free bytes on the file system that holds the store. Throws "storage.failed" when the system cannot say.
  [[nodiscard]] std::uint64_t free_bytes() const;

  [[nodiscard]] Store& store() const noexcept;

 private:
  struct Impl;

  [[nodiscard]] AppendOutcome write(rocksdb::WriteBatch& batch, WhenBehind when_behind);

  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
