// The thread reads, takes in what it read, and appends what the seat has to say. Callers of commit() append too; the
// seat lets only one append be under way at a time.
//
// Everything that the seat decides happens under one mutex, also `apply`: commits so arrive there in the order of the
// log, whether the thread has read them or the engine has acknowledged them. Reading and appending happen outside it.
#include "ledger/shard/replica.h"

#include <fmt/format.h>

#include <thread>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/base/mutex.h"
#include "ledger/base/thread_name.h"

namespace runledger {
namespace {

using Steady = ShardSeat::Steady;

constexpr std::chrono::milliseconds kUnreachableDelay{100};

Failure failure_of(RecordVerdict verdict, LogPosition position) {
  if (verdict == RecordVerdict::kForeign) {
    return {Remedy::kCorrectInput, "engine.other_shard",
            fmt::format("the log of a shard: expected records of this shard and ledger, found those of another at "
                        "position {}",
                        position.value)};
  }
  return {Remedy::kDamageFound, "engine.diverged",
          fmt::format("the log of a shard: expected a record that follows those read before, found another at position "
                      "{}: the engine has lost records, or this node's copy is damaged; make it again from another "
                      "node's",
                      position.value)};
}

}  // namespace

struct ShardReplica::Impl {
  ShardLog& log;
  const ReplicaOptions options;

  mutable Mutex mutex;
  mutable Condition changed;
  ShardSeat seat RUNLEDGER_GUARDED_BY(mutex);
  SeatRole told RUNLEDGER_GUARDED_BY(mutex) = SeatRole::kFollowing;
  bool stopping RUNLEDGER_GUARDED_BY(mutex) = false;
  bool stopped RUNLEDGER_GUARDED_BY(mutex) = false;             // By a failure.
  ReplicaOptions::Apply own_apply RUNLEDGER_GUARDED_BY(mutex);  // Of the commit that commit() waits for.

  Steady::time_point end_asked_at = Steady::now();  // Used by the thread only.
  std::thread thread;

  Impl(ShardLog& log_, const Admission& admission, LogPosition position, ReplicaOptions options_)
      : log(log_), options(std::move(options_)), seat(options.seat, admission, position, Steady::now()) {
    RUNLEDGER_ASSERT(options.apply != nullptr);
  }

  void run();
  void follow();
  void check_end();
  void append(const ShardRecord& record);
  void answer(const ShardRecord& record, const ShardLog::Appended& position);
  void take(LogPosition position, const std::optional<ShardRecord>& record) RUNLEDGER_REQUIRES(mutex);
  void stop(const Failure& failure) RUNLEDGER_REQUIRES(mutex);
  void tell_role() RUNLEDGER_REQUIRES(mutex);
  [[nodiscard]] bool leads_in(Epoch epoch) const RUNLEDGER_REQUIRES(mutex);
  std::optional<ShardRecord> begin(Epoch decided_in, std::vector<std::string> events, std::vector<ShardAnswer> answers,
                                   ReplicaOptions::Apply apply_own);
  CommitOutcome outcome_of_commit();
};

void ShardReplica::Impl::stop(const Failure& failure) {
  if (stopped) return;
  stopped = true;
  changed.notify_all();
  if (options.on_stopped) options.on_stopped(failure);
}

void ShardReplica::Impl::tell_role() {
  if (told == seat.role()) return;
  told = seat.role();
  if (options.on_role) options.on_role(told);
}

void ShardReplica::Impl::take(LogPosition position, const std::optional<ShardRecord>& record) {
  if (stopped) return;
  const RecordVerdict verdict = seat.take(position, record, Steady::now());
  if (verdict == RecordVerdict::kForeign || verdict == RecordVerdict::kDiverged)
    return stop(failure_of(verdict, position));
  const auto* commit = verdict == RecordVerdict::kAdmitted ? std::get_if<ShardCommit>(&*record) : nullptr;
  if (commit != nullptr) {
    try {
      (own_apply && seat.is_own(*commit) ? own_apply : options.apply)(*commit, position);
    } catch (const Failure& failure) {
      return stop(failure);
    }
  }
  tell_role();
  changed.notify_all();
}

// The log keeps its order, so an entry that was acknowledged right after the last one that was read is the next one.
void ShardReplica::Impl::answer(const ShardRecord& record, const ShardLog::Appended& position) {
  const MutexLock lock(mutex);
  seat.answered(position, Steady::now());
  if (position && *position == seat.position().next()) take(*position, record);
  changed.notify_all();
}

void ShardReplica::Impl::append(const ShardRecord& record) {
  std::string stored = encode_shard_record(record);
  RUNLEDGER_ASSERT(stored.size() <= kShardRecordBytesMax);
  log.append(std::move(stored), [this, record](const ShardLog::Appended& position) { answer(record, position); });
}

void ShardReplica::Impl::check_end() {
  end_asked_at = Steady::now();
  LogPosition known;
  {
    const MutexLock lock(mutex);
    known = seat.known_end();
  }
  const LogPosition end = log.end();
  if (end >= known) return;
  throw Failure(Remedy::kDamageFound, "engine.lost_entries",
                fmt::format("the log of a shard: expected at least {} entries, found {}: the engine has lost entries "
                            "that it had acknowledged, or another one has taken its place",
                            known.value, end.value));
}

// Reads once, and appends what the seat then has to say. The silence is measured at the beginning of the read: a
// process that was stopped during it has not listened since.
void ShardReplica::Impl::follow() {
  const Steady::time_point asked = Steady::now();
  LogPosition after;
  {
    const MutexLock lock(mutex);
    after = seat.position();
  }
  const std::vector<LogEntry> entries = log.read(after, options.read_bytes_max, options.read_wait);
  bool bids = false;
  {
    const MutexLock lock(mutex);
    for (const LogEntry& entry : entries) take(entry.position, decode_shard_record(entry.stored));
    if (!entries.empty() || stopped) return;
    bids = seat.is_due_to_bid(asked);
  }
  if (bids || asked - end_asked_at >= options.end_asked_every) check_end();
  std::optional<ShardRecord> record;
  {
    const MutexLock lock(mutex);
    record = seat.next(asked);
    tell_role();
  }
  if (record) append(*record);
}

void ShardReplica::Impl::run() {
  name_thread("shard");
  MutexLock lock(mutex);
  while (!stopping && !stopped) {
    lock.unlock();
    std::optional<Failure> failed;
    try {
      follow();
    } catch (const Failure& failure) {
      failed = failure;
    }
    lock.lock();
    if (failed && failed->may_pass()) {
      seat.lose_sight(Steady::now());
      if (!stopping) (void)changed.wait_for(lock, kUnreachableDelay);
    } else if (failed) {
      stop(*failed);
    }
  }
}

ShardReplica::ShardReplica(ShardLog& log, const Admission& admission, LogPosition position, ReplicaOptions options)
    : impl_(std::make_unique<Impl>(log, admission, position, std::move(options))) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

ShardReplica::~ShardReplica() {
  const auto deadline = Steady::now() + impl_->options.resignation_wait_max;
  {
    MutexLock lock(impl_->mutex);
    impl_->seat.step_down();
    while (impl_->seat.role() == SeatRole::kLeading && !impl_->stopped && impl_->changed.wait_until(lock, deadline)) {
    }
    impl_->stopping = true;
    impl_->changed.notify_all();
  }
  impl_->thread.join();
  MutexLock lock(impl_->mutex);  // The log still has a callback of this replica.
  while (impl_->seat.is_append_under_way()) impl_->changed.wait(lock);
}

bool ShardReplica::Impl::leads_in(Epoch epoch) const {
  return !stopped && seat.role() == SeatRole::kLeading && seat.admission().owner.epoch == epoch;
}

// Returns nothing when it does not lead in that epoch, or cannot append in time.
std::optional<ShardRecord> ShardReplica::Impl::begin(Epoch decided_in, std::vector<std::string> events,
                                                     std::vector<ShardAnswer> answers,
                                                     ReplicaOptions::Apply apply_own) {
  const auto deadline = Steady::now() + options.commit_wait_max;
  MutexLock lock(mutex);
  while (leads_in(decided_in) && !seat.can_commit()) {
    if (!changed.wait_until(lock, deadline)) return {};
  }
  if (!leads_in(decided_in)) return {};
  own_apply = std::move(apply_own);
  return seat.begin(std::move(events), std::move(answers));
}

CommitOutcome ShardReplica::commit(Epoch decided_in, std::vector<std::string> events, std::vector<ShardAnswer> answers,
                                   ReplicaOptions::Apply apply_own) {
  if (commit_bytes_max(events, answers) > kShardRecordBytesMax) return CommitOutcome::kTooLarge;
  const std::optional<ShardRecord> record =
      impl_->begin(decided_in, std::move(events), std::move(answers), std::move(apply_own));
  if (!record) return CommitOutcome::kNotIn;
  impl_->append(*record);
  return impl_->outcome_of_commit();
}

CommitOutcome ShardReplica::Impl::outcome_of_commit() {
  const auto deadline = Steady::now() + options.commit_wait_max;
  MutexLock lock(mutex);
  while (!stopped && seat.fate() == CommitFate::kOpen && changed.wait_until(lock, deadline)) {
  }
  own_apply = {};
  if (stopped || seat.fate() == CommitFate::kOpen) return CommitOutcome::kUnknown;
  return seat.fate() == CommitFate::kIn ? CommitOutcome::kIn : CommitOutcome::kNotIn;
}

std::optional<Epoch> ShardReplica::leadership() const {
  const MutexLock lock(impl_->mutex);
  const Epoch epoch = impl_->seat.admission().owner.epoch;
  return impl_->leads_in(epoch) ? std::optional(epoch) : std::nullopt;
}

SeatRole ShardReplica::role() const {
  const MutexLock lock(impl_->mutex);
  return impl_->seat.role();
}

std::optional<ShardFence> ShardReplica::leader() const {
  const MutexLock lock(impl_->mutex);
  return impl_->seat.fence();
}

Admission ShardReplica::admission() const {
  const MutexLock lock(impl_->mutex);
  return impl_->seat.admission();
}

LogPosition ShardReplica::position() const {
  const MutexLock lock(impl_->mutex);
  return impl_->seat.position();
}

std::uint64_t ShardReplica::passed_over() const {
  const MutexLock lock(impl_->mutex);
  return impl_->seat.passed_over();
}

bool ShardReplica::wait_for(SeatRole role, std::chrono::milliseconds timeout) const {
  const auto deadline = Steady::now() + timeout;
  MutexLock lock(impl_->mutex);
  while (impl_->seat.role() != role && !impl_->stopped && impl_->changed.wait_until(lock, deadline)) {
  }
  return impl_->seat.role() == role;
}

bool ShardReplica::wait_for(LogPosition position, std::chrono::milliseconds timeout) const {
  const auto deadline = Steady::now() + timeout;
  MutexLock lock(impl_->mutex);
  while (impl_->seat.position() < position && !impl_->stopped && impl_->changed.wait_until(lock, deadline)) {
  }
  return impl_->seat.position() >= position;
}

}  // namespace runledger
