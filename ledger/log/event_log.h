// The append-only log of run events: the one source of truth.
//
// Everything else that the system shows is a fold over what this log returns. An append also writes the states that the
// next decision is made on; ledger/log/decision_states.h reads them.
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

// What a write does while the storage engine cannot keep up.
enum class WhenBehind { kRefuse, kWait };

// What became of a batch that was to be appended.
enum class AppendOutcome {
  kAppended,  // The events are durable and readable.
  kStalled,   // Nothing was written, because the storage engine cannot keep up. The same batch may be appended later.
};

enum class Scan { kContinue, kStop };

// Invariants: sequences are dense and never reused; an event that has been read never changes; nothing is readable
// before it is durable.
//
// One thread may append; any number may read beside it.
// Throws Failure when the disk fails or the log is damaged (ledger/base/failure.h).
class EventLog {
 public:
  static constexpr std::size_t kEventsPerAppendMax = 8192;

  // Checks on opening that the head, the newest events and the tree's size agree; throws "storage.damaged" otherwise.
  // `store` is not owned and must outlive the log.
  explicit EventLog(Store& store);
  ~EventLog();

  // Writes all of it atomically and synced, or nothing. Requires events numbered from last() + 1, at most
  // kEventsPerAppendMax, with recorded_at never going back. With kWait it waits for as long as the engine stalls, and
  // never answers kStalled. A Failure leaves open whether the batch will survive; nothing more can be appended after
  // it.
  [[nodiscard]] AppendOutcome append(const AppendBatch& batch, WhenBehind when_behind = WhenBehind::kRefuse);

  // At most `count_max` events after `after`, in order. Empty: caught up.
  [[nodiscard]] std::vector<Envelope> read(Sequence after, std::size_t count_max) const;

  // Visits the events after `after` up to and including `to`, in order, without holding them all. Throws
  // "storage.damaged" on a gap. The stored bytes are valid during the visit.
  using Visitor = std::function<Scan(const Envelope& envelope, std::string_view stored)>;
  void scan(Sequence after, Sequence to, const Visitor& visit) const;

  // The events of one run behind its event `after`, oldest first, at most up to `to`: none of a run that is not there.
  [[nodiscard]] std::vector<Envelope> read_run(RunId run, Sequence to, RunVersion after = {},
                                               std::size_t count_max = ~std::size_t{0}) const;
  // The events of one scope after `after`, in order.
  [[nodiscard]] std::vector<Envelope> read_scope(const Scope& scope, ScopeSequence after, std::size_t count_max) const;
  [[nodiscard]] std::optional<Envelope> find(Sequence sequence) const;

  // The last event recorded at or before `time`; zero when there is none.
  [[nodiscard]] Sequence as_of(Time time) const;

  // The newest durable position. Never goes back.
  [[nodiscard]] Sequence last() const noexcept;
  [[nodiscard]] Head head() const;

  // Waits until there is an event after `after`; false when `timeout` passed, or `stop` was requested, first.
  [[nodiscard]] bool wait_past(Sequence after, std::chrono::milliseconds timeout) const;
  [[nodiscard]] bool wait_past(Sequence after, const std::stop_token& stop) const;

  // Free bytes on the file system that holds the store.
  [[nodiscard]] std::uint64_t free_bytes() const;

  [[nodiscard]] Store& store() const noexcept;

 private:
  struct Impl;

  [[nodiscard]] AppendOutcome write(rocksdb::WriteBatch& batch, WhenBehind when_behind);

  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
