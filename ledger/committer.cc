// One thread and one place for a commit.
//
// write() puts a commit into `current` once the place is free. The thread takes it from there, carries it out and frees
// the place. So at most one commit is being written while the next one is decided, and the decider waits when it is
// ahead. A commit that nothing would overlap is carried out on the decider's thread: handing it over would only cost a
// change of threads.
//
// carry_out() has three outcomes:
// - The batch is written, and the answers stay as they are.
// - The storage engine stalls. Nothing is written, and the same batch is tried again until the engine has been behind
//   for Options::stall_max. Then every answer becomes "overloaded". Later commits are tried once each, until one is
//   written, or none came for as long.
// - A Failure leaves open what is durable. `broken` is set for good, and every answer, now and later, is
//   UnknownOutcome.
//
// After the second or third, `lost` keeps the answer for the commit that was decided meanwhile, on top of the lost one.
// The decider takes it with its next call, and begins anew on the states of the log.
#include "ledger/committer.h"

#include <thread>
#include <utility>

#include "ledger/base/mutex.h"
#include "ledger/base/thread_name.h"
#include "ledger/rules/journal_import.h"

namespace runledger {
namespace {

constexpr auto kStallLookedAtEvery = std::chrono::milliseconds(2);

Rejection engine_stalled() {
  return reject("overloaded", "expected room for a write, found that the storage engine cannot keep up");
}

// Replaces the answers of a commit that was not written. The lines of an import depend on each other, so the import
// must not go on after lines that were not written.
void lose(std::vector<Answered>& answers, const Answer& answer) {
  for (Answered& each : answers) {
    each.answer = answer;
    if (each.import) each.import->deferred_at_commit = true;
  }
}

}  // namespace

struct Committer::Impl {
  EventLog& log;
  const Options options;

  mutable Mutex mutex;
  Condition changed;
  std::optional<DecidedCommit> current RUNLEDGER_GUARDED_BY(mutex);
  bool is_free RUNLEDGER_GUARDED_BY(mutex) = true;  // False from write() until the thread has carried it out.
  bool stopping RUNLEDGER_GUARDED_BY(mutex) = false;
  std::optional<Answer> lost RUNLEDGER_GUARDED_BY(mutex);
  std::optional<std::string> broken RUNLEDGER_GUARDED_BY(mutex);

  // The current stall of the storage engine; absent while it keeps up. Used by whoever carries out a commit.
  struct Stall {
    std::chrono::steady_clock::time_point since;
    std::chrono::steady_clock::time_point last_tried;
  };
  std::optional<Stall> stall;
  std::thread thread;  // Last, so that it uses members that exist.

  Impl(EventLog& log_, Options options_) : log(log_), options(std::move(options_)), thread([this] { run(); }) {}

  void run();
  void carry_out(DecidedCommit commit);
  void end(DecidedCommit& commit, bool is_written);
  std::optional<Answer> append(const AppendBatch& batch);
  AppendOutcome append_patiently(const AppendBatch& batch);
  void fail(const Failure& failure);
};

void Committer::Impl::run() {
  name_thread("committer");
  for (;;) {
    std::optional<DecidedCommit> commit;
    {
      MutexLock lock(mutex);
      while (!current && !stopping) changed.wait(lock);
      if (!current) return;
      commit = std::exchange(current, std::nullopt);
    }
    carry_out(*std::move(commit));
    const MutexLock lock(mutex);
    is_free = true;
    changed.notify_all();
  }
}

void Committer::Impl::carry_out(DecidedCommit commit) {
  std::optional<Answer> failed = commit.batch ? append(*commit.batch) : std::nullopt;
  if (failed) lose(commit.answers, *failed);
  end(commit, commit.batch && !failed);
  const MutexLock lock(mutex);
  lost = std::move(failed);
}

// Answers, and reports.
void Committer::Impl::end(DecidedCommit& commit, bool is_written) {
  CommitReport report;
  if (is_written) report.count(*commit.batch);
  report.took = std::chrono::steady_clock::now() - commit.begun;
  for (const Answered& each : commit.answers) report.count(each.answer, each.is_internal);
  for (Answered& each : commit.answers) each.complete(std::move(each.answer));
  if (options.on_commit) options.on_commit(report);
}

// Returns the answer to every command of the batch if it was not written.
std::optional<Answer> Committer::Impl::append(const AppendBatch& batch) {
  {
    const MutexLock lock(mutex);
    if (broken) return UnknownOutcome{*broken};
  }
  try {
    if (append_patiently(batch) == AppendOutcome::kAppended) return std::nullopt;
    return engine_stalled();
  } catch (const Failure& failure) {
    fail(failure);
    return UnknownOutcome{failure.what()};
  }
}

// Tries again while the engine is behind, but not for long. When no command has come for a while, the engine may have
// caught up and be behind anew: that is another stall.
AppendOutcome Committer::Impl::append_patiently(const AppendBatch& batch) {
  for (;;) {
    const AppendOutcome outcome = log.append(batch, options.when_behind);
    if (outcome == AppendOutcome::kAppended) {
      stall.reset();
      return outcome;
    }
    const auto now = std::chrono::steady_clock::now();
    if (!stall || now - stall->last_tried > options.stall_max) stall = Stall{now, now};
    stall->last_tried = now;
    if (now - stall->since >= options.stall_max) return outcome;
    std::this_thread::sleep_for(kStallLookedAtEvery);
  }
}

void Committer::Impl::fail(const Failure& failure) {
  {
    const MutexLock lock(mutex);
    if (broken) return;
    broken = failure.what();
  }
  if (options.on_broken) options.on_broken(failure);
}

Committer::Committer(EventLog& log, Options options) : impl_(std::make_unique<Impl>(log, std::move(options))) {}

Committer::~Committer() {
  {
    const MutexLock lock(impl_->mutex);
    impl_->stopping = true;
    impl_->changed.notify_all();
  }
  impl_->thread.join();
}

bool Committer::write(DecidedCommit commit, Where where) {
  std::optional<Answer> lost;
  {
    MutexLock lock(impl_->mutex);
    while (!impl_->is_free) impl_->changed.wait(lock);
    lost = std::exchange(impl_->lost, std::nullopt);
    if (!lost && where == Where::kThread) {
      impl_->current = std::move(commit);
      impl_->is_free = false;
      impl_->changed.notify_all();
      return true;
    }
  }
  if (lost) {
    lose(commit.answers, *lost);
    impl_->end(commit, false);
    return false;
  }
  impl_->carry_out(std::move(commit));
  const MutexLock lock(impl_->mutex);
  return !std::exchange(impl_->lost, std::nullopt);
}

bool Committer::wait() {
  MutexLock lock(impl_->mutex);
  while (!impl_->is_free) impl_->changed.wait(lock);
  return !std::exchange(impl_->lost, std::nullopt);
}

void Committer::fail(const Failure& failure) {
  impl_->fail(failure);
}

std::optional<std::string> Committer::broken() const {
  const MutexLock lock(impl_->mutex);
  return impl_->broken;
}

}  // namespace runledger
