// The log over RocksDB: one synced batch per append, and reads that stop at the published head.
//
// Appending. append() runs on one thread, the sequencer's. It encodes each event once: the same bytes are stored and
// become the next leaf of the Merkle tree. For each event it adds two index entries, whose value is the event's key,
// and one with the event's number in its workspace (ledger/log/workspace_index.h); then come the new states, the
// answers to commands, the life signs, and the new head. BatchWriter sorts the entries by family and key into one
// WriteBatch, which the engine writes to its log with a single sync. After a crash the store therefore holds all of a
// batch or nothing of it, and head, events, indexes and states always agree.
//
// Publishing. Once the sync is done, publish() moves `head` and its atomic copy `last`, and wakes the threads in
// wait_past(). Every read ends at `last`, whatever the engine would already show. That is why no reader ever sees an
// event that a power cut can still undo.
//
// Reading. read() and scan() walk the events family and require that its keys are dense. read_run() and read_scope()
// walk an index, fetch each event by its sequence, and require that the event says the same of itself as the index
// does. as_of() is a binary search, because recorded_at never decreases. Readers take no lock.
//
// Failing. After a failed write it is unknown which bytes are durable, so `broken` stays set and every later append
// throws. A stalled write has written nothing: the head stays as it was, and the same batch may be appended again.
#include "ledger/log/event_log.h"

#include <fmt/format.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <limits>
#include <system_error>

#include "ledger/base/assert.h"
#include "ledger/base/damage.h"
#include "ledger/base/failure.h"
#include "ledger/base/mutex.h"
#include "ledger/log/check.h"
#include "ledger/log/codec.h"
#include "ledger/log/decision_states.h"
#include "ledger/log/entries.h"
#include "ledger/log/ledger_events.h"
#include "ledger/log/mark.h"
#include "ledger/log/run_events.h"
#include "ledger/log/state_codec.h"
#include "ledger/log/store/cursor.h"
#include "ledger/log/workspace_index.h"

namespace runledger {
namespace {

constexpr std::size_t kBytesPerEventGuess = 1024;  // All entries of an event in a batch; reserves the batch's memory.

// What is stored of an event: its content is sealed if it is a tenant's and the ledger seals those. An event that was
// sealed elsewhere keeps its bytes.
std::string stored_form(const Store& store, const Envelope& envelope) {
  SealKeys* const keys = store.seal_keys();
  if (keys == nullptr || !envelope.scope.tenant || !envelope.sealed.bytes.empty()) return encode(envelope);
  return encode_sealed(envelope, keys->make(envelope.scope));
}

// From here on the erased content cannot be read, whether or not its keys are destroyed already.
void retire_keys(const Store& store, const Erased& erased) {
  if (store.seal_keys() == nullptr) return;
  std::vector<SealKeyId> ids;
  for (const std::uint64_t key : erased.keys) ids.push_back({key});
  store.seal_keys()->retire(ids);
}

// Collects the entries of one append, and puts them into the engine's batch.
class BatchWriter {
 public:
  BatchWriter(const Store& store, std::size_t events)
      : store_(store), batch_((events + 1) * kBytesPerEventGuess, 0, kProtectionBytesPerKey, 0) {}

  void put(Family family, std::string key, std::string value) {
    entries_[static_cast<std::size_t>(family)].emplace_back(std::move(key), std::move(value));
  }
  void remove(Family family, std::string key) {
    entries_[static_cast<std::size_t>(family)].emplace_back(std::move(key), std::nullopt);
  }
  void put_event(const Envelope& envelope, const std::string& stored, WorkspaceNumbering::Entry numbered) {
    const std::string key = event_key(envelope.sequence);  // Also the value of the index entries.
    put(Family::kEvents, key, stored);
    put(Family::kRunEvents, run_event_key(envelope.run, envelope.run_version), key);
    put(Family::kScopeEvents, scope_event_key(scope_digest(envelope.scope), envelope.scope_sequence), key);
    put(Family::kWorkspaceEvents, std::move(numbered.key), std::move(numbered.value));
  }

  // Adds the entries family by family and in the order of their keys. The engine then finds each place near the
  // previous one, and an append of a thousand events takes a quarter less time. Where two entries have the same key,
  // the later one wins, because the sort is stable.
  rocksdb::WriteBatch& finish() {
    for (int i = 0; i < kFamilyCount; ++i) {
      Entries& entries = entries_[static_cast<std::size_t>(i)];
      std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
      for (const auto& [key, value] : entries) {
        rocksdb::ColumnFamilyHandle* family = store_.family(static_cast<Family>(i));
        check(value ? batch_.Put(family, key, *value) : batch_.Delete(family, key), "preparing a write");
      }
    }
    return batch_;
  }

 private:
  using Entries = std::vector<std::pair<std::string, std::optional<std::string>>>;  // Absent: removed.

  const Store& store_;
  rocksdb::WriteBatch batch_;
  std::array<Entries, kFamilyCount> entries_;
};

}  // namespace

struct EventLog::Impl {
  Store& store;
  Sequence marked;
  std::atomic<std::uint64_t> last = 0;  // A copy of head.sequence that readers can load without the lock.
  mutable Mutex mutex;
  mutable std::condition_variable_any appended;  // Notified after `last` has moved.
  Head head RUNLEDGER_GUARDED_BY(mutex);
  LedgerEvents ledger_events RUNLEDGER_GUARDED_BY(mutex);
  bool broken = false;  // A write failed, so it is unknown what is durable. Used by the appending thread only.

  WorkspaceNumbering numbering{store};  // Used by the appending thread only.

  explicit Impl(Store& of) : store(of) {}

  void publish(Head next, LedgerEvents ledger) {
    {
      const MutexLock lock(mutex);
      head = std::move(next);
      ledger_events = std::move(ledger);
      last.store(head.sequence.value, std::memory_order_release);
    }
    appended.notify_all();
  }
  [[nodiscard]] LedgerEvents published_ledger_events() const {
    const MutexLock lock(mutex);
    return ledger_events;
  }
  [[nodiscard]] Sequence clamp(Sequence to) const {
    return Sequence{std::min(to.value, last.load(std::memory_order_acquire))};
  }
};

EventLog::EventLog(Store& store) : impl_(std::make_unique<Impl>(store)) {
  Head end = check_log_end(store);
  impl_->marked = check_mark(store, end);
  LedgerEvents ledger = LedgerEvents::stored_in(store);
  for (const LedgerEvents::Erasure& erasure : ledger.erasures()) retire_keys(store, erasure.what);
  store.begin_writing();
  impl_->publish(std::move(end), std::move(ledger));
}

EventLog::~EventLog() = default;

AppendOutcome EventLog::append(const AppendBatch& batch, WhenBehind when_behind) {
  RUNLEDGER_ASSERT(batch.events.size() <= kEventsPerAppendMax);
  if (impl_->broken) {
    throw Failure(Remedy::kCallOperator, "storage.failed", "an earlier write failed: nothing more is written");
  }
  Head next = head();
  LedgerEvents ledger = impl_->published_ledger_events();
  BatchWriter writer(impl_->store, batch.events.size());
  impl_->numbering.start();
  for (const Envelope& envelope : batch.events) {
    RUNLEDGER_ASSERT(envelope.sequence == next.sequence.next());
    RUNLEDGER_ASSERT(envelope.recorded_at >= next.recorded_at);
    if (is_of_ledger(envelope.event)) ledger.add(envelope);
    const std::string stored = stored_form(impl_->store, envelope);
    writer.put_event(envelope, stored, impl_->numbering.number_next(envelope));
    next.tree.append(stored);
    next.sequence = envelope.sequence;
    next.recorded_at = envelope.recorded_at;
  }
  for (const auto& [run, state] : batch.runs) {
    writer.put(Family::kRuns, bytes_of(run.value), is_left_to_events(state) ? std::string() : encode_run(state));
  }
  for (const auto& [identity, state] : batch.identities) {
    writer.put(Family::kIdentities, std::string(bytes_of(identity.digest)), encode_identity(state));
  }
  for (const auto& [command, record] : batch.commands) {
    writer.put(Family::kCommands, bytes_of(command.value), encode_command(record));
  }
  for (const auto& [run, sign] : batch.life_signs) {
    if (sign) {
      writer.put(Family::kHeartbeats, bytes_of(run.value), encode_life_sign(*sign));
    } else {
      writer.remove(Family::kHeartbeats, bytes_of(run.value));
    }
  }
  if (!batch.events.empty()) writer.put(Family::kMeta, kHeadKey, encode_head(next));
  const AppendOutcome outcome = write(writer.finish(), when_behind);
  if (outcome == AppendOutcome::kAppended) {
    impl_->numbering.finish();
    for (const Envelope& envelope : batch.events) {
      if (const auto* erased = std::get_if<Erased>(&envelope.event)) retire_keys(impl_->store, *erased);
    }
    impl_->publish(std::move(next), std::move(ledger));
  }
  return outcome;
}

AppendOutcome EventLog::write(rocksdb::WriteBatch& batch, WhenBehind when_behind) {
  rocksdb::WriteOptions options;
  options.sync = true;
  options.no_slowdown = when_behind == WhenBehind::kRefuse;
  const rocksdb::Status status = impl_->store.db().Write(options, &batch);
  if (status.IsIncomplete()) return AppendOutcome::kStalled;
  impl_->broken = !status.ok();
  check(status, "writing to the store");
  return AppendOutcome::kAppended;
}

namespace {

// Calls `take` with each event after `after` up to and including `to`, and its stored bytes, until it returns kStop.
template <class Take>
void walk(const Store& store, Sequence after, Sequence to, const Take& take) {
  if (after >= to) return;
  Sequence expected = after.next();
  Cursor cursor(store, Family::kEvents, event_key(expected), event_key(to.next()), Cursor::Reuse::kUnlikely);
  for (; cursor.valid(); cursor.next()) {
    const std::string_view key = cursor.key();
    if (key.size() != kEventKeyBytes || number_at_end(key) != expected.value) throw_missing_event(expected);
    if (take(decode_event(store, expected, cursor.value()), cursor.value()) == Scan::kStop) return;
    expected = expected.next();
  }
  if (expected <= to) throw_missing_event(expected);
}

}  // namespace

std::vector<Envelope> EventLog::read(Sequence after, std::size_t count_max) const {
  const std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - after.value;
  const Sequence to = impl_->clamp(Sequence{after.value + std::min<std::uint64_t>(count_max, room)});
  std::vector<Envelope> events;
  if (after < to) events.reserve(to.value - after.value);
  walk(impl_->store, after, to, [&events](Envelope&& envelope, std::string_view) {
    events.push_back(std::move(envelope));
    return Scan::kContinue;
  });
  return events;
}

void EventLog::scan(Sequence after, Sequence to, const Visitor& visit) const {
  walk(impl_->store, after, impl_->clamp(to), visit);
}

std::vector<Envelope> EventLog::read_run(RunId run, Sequence to, RunVersion after, std::size_t count_max) const {
  return read_events_of(impl_->store, run, impl_->clamp(to), after, count_max);
}

std::vector<Envelope> EventLog::read_scope(const Scope& scope, ScopeSequence after, std::size_t count_max) const {
  const Sequence end = last();
  constexpr ScopeSequence kLast{std::numeric_limits<std::uint64_t>::max()};
  const ContentDigest digest = scope_digest(scope);
  const LedgerEvents moves = impl_->published_ledger_events();
  std::vector<Envelope> events;
  if (after == kLast) return events;  // Nothing can come after it.
  // Each restoration has moved the numbers on, and `after` may be one of those that were skipped.
  DecisionStates::ScopeEnd before{after, {}};
  if (moves.skipped() != 0) before = DecisionStates(impl_->store).load_scope_end(scope, after);
  std::uint64_t skipped = moves.skipped_up_to(before.position);
  ScopeSequence expected = before.number.next();
  Cursor cursor(impl_->store, Family::kScopeEvents, scope_event_key(digest, after.next()),
                scope_event_key(digest, kLast), Cursor::Reuse::kLikely);
  for (; events.size() < count_max && cursor.valid(); cursor.next()) {
    const Sequence sequence = sequence_in(cursor.value());
    if (sequence > end) break;
    Envelope envelope = read_event(impl_->store, sequence);
    const std::uint64_t skipped_now = moves.skipped_up_to(sequence);
    expected = ScopeSequence{expected.value + (skipped_now - skipped)};
    skipped = skipped_now;
    if (envelope.scope != scope || envelope.scope_sequence != expected) {
      throw_damaged(fmt::format("expected event {} to be number {} of its scope, found number {}", sequence.value,
                                expected.value, envelope.scope_sequence.value));
    }
    events.push_back(std::move(envelope));
    expected = expected.next();
  }
  return events;
}

std::optional<Envelope> EventLog::find(Sequence sequence) const {
  if (sequence.value == 0 || sequence > last()) return std::nullopt;
  return read_event(impl_->store, sequence);
}

Sequence EventLog::as_of(Time time) const {
  // A binary search: recorded_at never decreases, and no index by time is needed.
  std::uint64_t before = 0;                 // Zero, or an event that was recorded at or before `time`.
  std::uint64_t beyond = last().value + 1;  // One past the end, or an event that was recorded after `time`.
  while (beyond - before > 1) {
    const std::uint64_t middle = before + (beyond - before) / 2;
    (read_event(impl_->store, Sequence{middle}).recorded_at <= time ? before : beyond) = middle;
  }
  return Sequence{before};
}

Sequence EventLog::marked() const noexcept {
  return impl_->marked;
}

Sequence EventLog::last() const noexcept {
  return Sequence{impl_->last.load(std::memory_order_acquire)};
}

Head EventLog::head() const {
  const MutexLock lock(impl_->mutex);
  return impl_->head;
}

bool EventLog::wait_past(Sequence after, std::chrono::milliseconds timeout) const {
  MutexLock lock(impl_->mutex);
  return impl_->appended.wait_for(lock, timeout, [&] { return impl_->last.load() > after.value; });
}

bool EventLog::wait_past(Sequence after, const std::stop_token& stop) const {
  MutexLock lock(impl_->mutex);
  return impl_->appended.wait(lock, stop, [&] { return impl_->last.load() > after.value; });
}

bool EventLog::wait_past(Sequence after, const std::stop_token& stop, std::chrono::milliseconds timeout) const {
  MutexLock lock(impl_->mutex);
  return impl_->appended.wait_for(lock, stop, timeout, [&] { return impl_->last.load() > after.value; });
}

std::uint64_t EventLog::free_bytes() const {
  std::error_code error;
  const auto space = std::filesystem::space(impl_->store.directory(), error);
  if (error) {
    throw Failure(Remedy::kCallOperator, "storage.failed", "could not ask for free space: " + error.message());
  }
  return space.available;
}

Store& EventLog::store() const noexcept {
  return impl_->store;
}

}  // namespace runledger
