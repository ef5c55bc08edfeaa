// The queue, the thread, and the fate of the answers when a commit succeeds, stalls or fails.
//
// Callers put work into `queue` under the mutex, or are answered "overloaded". The thread repeats: take() a batch of
// work, carry_out() the batch. There is no timer: while one commit is being written, the queue collects the commands of
// the next ones, so commits grow with the load.
//
// carry_out() decides each command in the order of submission, on a CommitGroup, and holds all answers back in
// `answers`. Then flush() gives the group to the Committer, which writes it with one sync, calls the completions in the
// same order, and reports. That is the invariant: no answer leaves before everything that was decided for it, or before
// it, is durable. Envelopes that are taken over as they are get a commit of their own, between two flushes.
//
// While the committer writes one group on its thread, the next one is decided, on top of the states after the first. A
// group that is decided when nothing else waits is written at once, on this thread.
//
// When a group is not written, everything that was decided on top of it is not written either. restart() then clears
// the cached states, which contain those decisions, and goes on from the end of the log. A failed read of a state while
// deciding ends all writing, as a failed write does.
//
// The lines of an import depend on earlier lines, so once a line is deferred, all later ones must be. There are two
// flags for it, because the queue and the commit notice at different places: a line that the queue has no room for must
// not defer the lines that already wait in the queue before it.
#include "ledger/sequencer.h"

#include <fmt/format.h>

#include <chrono>
#include <deque>
#include <thread>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/base/mutex.h"
#include "ledger/base/thread_name.h"
#include "ledger/commit_group.h"
#include "ledger/committer.h"
#include "ledger/pause_watch.h"
#include "ledger/queued_bytes.h"
#include "ledger/rules/journal_import.h"

namespace runledger {
namespace {

// An entry of the queue: a command to decide, or envelopes to take over as they are.
struct Work {
  template <class Asked>
  Work(Asked what, Sequencer::Completion completion)
      : bytes(queued_bytes(what)), content(std::move(what)), complete(std::move(completion)) {}

  std::size_t bytes;
  std::variant<Submission, std::vector<Envelope>> content;
  Sequencer::Completion complete;
};

Rejection overloaded() {
  return reject("overloaded", "expected room for another command, found the queue full");
}

// Returns the import that a line of a journal belongs to; null for other work.
std::shared_ptr<JournalImport> import_of(const Work& work) {
  const auto* submission = std::get_if<Submission>(&work.content);
  return submission == nullptr ? nullptr : submission->import;
}

// Whether a command begins a run or an attempt, rather than ending or keeping one alive.
struct IsNewWork {
  bool operator()(const RequestRun&) const { return true; }
  bool operator()(const StartAttempt&) const { return true; }
  bool operator()(const StartByIdentity&) const { return true; }
  bool operator()(const ClaimRun&) const { return true; }
  bool operator()(const AdoptRun&) const { return true; }
  bool operator()(const RecordSpooledRun&) const { return true; }  // The spool keeps it until there is space.
  bool operator()(const Heartbeat&) const { return false; }
  bool operator()(const FinishAttempt&) const { return false; }
  bool operator()(const FailRun&) const { return false; }
  bool operator()(const ExpireLease&) const { return false; }
};

// Whether the work can wait until there is space again: commands that begin something, lines of a journal, and
// envelopes. The end of an open attempt or run cannot wait, because refusing it would lose a worker's result.
bool is_new_work(const Work& work) {
  const auto* submission = std::get_if<Submission>(&work.content);
  if (submission == nullptr || submission->import) return true;
  return std::visit(IsNewWork{}, submission->command);
}

}  // namespace

struct Sequencer::Impl {
  EventLog& log;
  const DecisionStates& stored;
  const Clock& clock;
  const Catalog& catalog;
  const Options options;
  DecidedStates states;

  mutable Mutex mutex;
  Condition arrived;
  std::deque<Work> queue RUNLEDGER_GUARDED_BY(mutex);
  std::size_t queue_bytes RUNLEDGER_GUARDED_BY(mutex) = 0;
  bool stopping RUNLEDGER_GUARDED_BY(mutex) = false;

  // Used by the sequencer's thread only, like `states`.
  DecidedEnd end;
  std::vector<Answered> answers;                // Of the group that is being decided.
  std::chrono::steady_clock::time_point begun;  // When its first command was decided.
  std::optional<PauseWatch> pauses;             // Absent: leases are not renewed.
  Committer committer;
  std::thread thread;

  Impl(EventLog& log_, const DecisionStates& stored_, const Clock& clock_, const Catalog& catalog_,
       const Options& options_)
      : log(log_),
        stored(stored_),
        clock(clock_),
        catalog(catalog_),
        options(options_),
        states(options_.cached_states_max / 2 + 1, ContentKey(log_.store().identity_key())),
        end{log_.head().sequence, log_.head().recorded_at},
        committer(log_, {options.when_behind, options.stall_max, options.on_commit, options.on_broken}) {
    if (options.renew_leases) pauses.emplace(clock, options.on_pause);
  }

  void enqueue(Work work);
  bool has_room_for(const Work& work) const RUNLEDGER_REQUIRES(mutex);
  std::vector<Work> take();
  void run();
  void carry_out(std::vector<Work> batch);
  void flush(std::optional<CommitGroup>& group);
  void restart();
  bool is_idle() const;
  Answer decide(CommitGroup& group, const Submission& submission);
  void take_over(const std::vector<Envelope>& envelopes, Completion complete);
  std::optional<Rejection> reason_against(const std::vector<Envelope>& envelopes, CommitGroup& group);
  void fail(const Failure& failure);
  std::optional<Rejection> storage_full();
};

void Sequencer::Impl::enqueue(Work work) {
  {
    const MutexLock lock(mutex);
    RUNLEDGER_ASSERT(!stopping);
    const std::shared_ptr<JournalImport> import = import_of(work);
    const bool is_next = !import || !import->deferred_at_queue;
    if (is_next && has_room_for(work)) {
      queue_bytes += work.bytes;
      queue.push_back(std::move(work));
      arrived.notify_one();
      return;
    }
    if (import) import->deferred_at_queue = true;
  }
  work.complete(overloaded());
}

bool Sequencer::Impl::has_room_for(const Work& work) const {
  if (queue.empty()) return true;
  return queue.size() < options.queue_max && queue_bytes + work.bytes <= options.queue_bytes_max;
}

// Waits for work, and takes the next batch. Returns an empty batch when the thread must stop.
std::vector<Work> Sequencer::Impl::take() {
  MutexLock lock(mutex);
  while (!stopping && queue.empty()) arrived.wait(lock);
  std::vector<Work> batch;
  std::size_t bytes = 0;
  while (!queue.empty() && batch.size() < options.batch_max) {
    bytes += queue.front().bytes;
    if (!batch.empty() && bytes > options.batch_bytes_max) break;
    queue_bytes -= queue.front().bytes;
    batch.push_back(std::move(queue.front()));
    queue.pop_front();
  }
  return batch;
}

void Sequencer::Impl::run() {
  name_thread("sequencer");
  for (;;) {
    std::vector<Work> batch = take();
    if (batch.empty()) return;
    carry_out(std::move(batch));
  }
}

void Sequencer::Impl::fail(const Failure& failure) {
  states.clear();
  committer.fail(failure);
}

std::optional<Rejection> Sequencer::Impl::storage_full() {
  if (options.free_bytes_min == 0 || committer.broken()) return {};
  try {
    const std::uint64_t free = log.free_bytes();
    if (free >= options.free_bytes_min) return {};
    return reject("storage.full",
                  fmt::format("expected at least {} free bytes for new work, found {}", options.free_bytes_min, free));
  } catch (const Failure& failure) {  // The directory is gone, so nothing can be written there any more.
    fail(failure);
    return {};
  }
}

Answer Sequencer::Impl::decide(CommitGroup& group, const Submission& submission) {
  if (const auto broken = committer.broken()) return UnknownOutcome{*broken};
  try {
    const Moment now = clock.moment();
    // Asked after the time is read: if the process pauses between the two, the leases are whole, never over.
    if (pauses) states.leases_renewed_at = pauses->running_since();
    return group.decide(submission, now);
  } catch (const Failure& failure) {
    fail(failure);
    return UnknownOutcome{failure.what()};
  }
}

// Gives what was decided so far to the committer, with the group if there is one.
void Sequencer::Impl::flush(std::optional<CommitGroup>& group) {
  DecidedCommit commit{nullptr, std::exchange(answers, {}), begun};
  if (group && !group->empty()) {
    commit.batch = std::make_shared<const AppendBatch>(group->finish());
    end = group->end();
    end.under_way = commit.batch;
  }
  group.reset();
  // The cache forgets nothing that is under way: what it forgets was last used two groups ago.
  states.turn();
  begun = std::chrono::steady_clock::now();
  if (!committer.write(std::move(commit), is_idle() ? Committer::Where::kHere : Committer::Where::kThread)) restart();
}

// What was decided on top of a lost commit is gone with it.
void Sequencer::Impl::restart() {
  states.clear();
  end = {log.head().sequence, log.head().recorded_at};
}

bool Sequencer::Impl::is_idle() const {
  const MutexLock lock(mutex);
  return queue.empty();
}

// Returns the reason why the envelopes cannot be taken over; otherwise they are in the group.
std::optional<Rejection> Sequencer::Impl::reason_against(const std::vector<Envelope>& envelopes, CommitGroup& group) {
  if (envelopes.empty() || envelopes.size() > EventLog::kEventsPerAppendMax) {
    return reject("batch.too_large",
                  fmt::format("expected 1 to {} envelopes, found {}", EventLog::kEventsPerAppendMax, envelopes.size()));
  }
  for (const Envelope& envelope : envelopes) {
    if (auto refused = group.add_verbatim(envelope)) return refused;
  }
  return std::nullopt;
}

void Sequencer::Impl::take_over(const std::vector<Envelope>& envelopes, Completion complete) {
  if (!committer.wait()) restart();
  std::optional<CommitGroup> group(std::in_place, end, stored, catalog, states);
  Reply reply;
  Answer answer = reply;
  try {
    if (const auto broken = committer.broken()) {
      answer = UnknownOutcome{*broken};
    } else if (auto refused = reason_against(envelopes, *group)) {
      answer = *std::move(refused);
    } else {
      reply.run = envelopes.back().run;
      reply.sequence = envelopes.back().sequence;
      answer = reply;
    }
  } catch (const Failure& failure) {
    fail(failure);
    answer = UnknownOutcome{failure.what()};
  }
  if (!std::holds_alternative<Reply>(answer)) {  // The group may have taken some of the envelopes.
    group.reset();
    restart();
  }
  answers.push_back({std::move(complete), std::move(answer)});
  flush(group);
}

void Sequencer::Impl::carry_out(std::vector<Work> batch) {
  begun = std::chrono::steady_clock::now();
  const std::optional<Rejection> full = storage_full();
  answers.reserve(batch.size());
  std::optional<CommitGroup> group;
  for (Work& work : batch) {
    const std::shared_ptr<JournalImport> import = import_of(work);
    if (import && import->deferred_at_commit) {
      answers.push_back({std::move(work.complete), full.value_or(overloaded())});
    } else if (full && is_new_work(work)) {
      if (import) import->deferred_at_commit = true;
      answers.push_back({std::move(work.complete), *full});
    } else if (const auto* submission = std::get_if<Submission>(&work.content)) {
      const bool may_be_large = std::holds_alternative<RecordSpooledRun>(submission->command);
      if (may_be_large) flush(group);
      if (!group) group.emplace(end, stored, catalog, states);
      answers.push_back({std::move(work.complete), decide(*group, *submission), submission->is_internal, import});
      if (may_be_large) flush(group);
    } else {
      flush(group);  // The commands before the envelopes get a commit of their own.
      take_over(std::get<std::vector<Envelope>>(work.content), std::move(work.complete));
    }
  }
  flush(group);
}

Sequencer::Sequencer(EventLog& log, const DecisionStates& stored, const Clock& clock, const Catalog& catalog,
                     const Options& options)
    : impl_(std::make_unique<Impl>(log, stored, clock, catalog, options)) {
  RUNLEDGER_ASSERT(options.queue_max > 0);
  RUNLEDGER_ASSERT(options.batch_max > 0 && options.batch_max <= EventLog::kEventsPerAppendMax / 3);
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

Sequencer::~Sequencer() {
  {
    const MutexLock lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->arrived.notify_one();
  impl_->thread.join();
}

std::size_t Sequencer::queue_depth() const {
  const MutexLock lock(impl_->mutex);
  return impl_->queue.size();
}

void Sequencer::submit(Submission submission, Completion complete) {
  impl_->enqueue({std::move(submission), std::move(complete)});
}

namespace {

// Returns a future for the answer, and the completion that sets it.
std::pair<std::future<Answer>, Sequencer::Completion> promise_answer() {
  auto promise = std::make_shared<std::promise<Answer>>();
  std::future<Answer> future = promise->get_future();
  return {std::move(future), [promise](Answer answer) { promise->set_value(std::move(answer)); }};
}

}  // namespace

std::future<Answer> Sequencer::submit(Submission submission) {
  auto [future, complete] = promise_answer();
  impl_->enqueue({std::move(submission), std::move(complete)});
  return std::move(future);
}

std::future<Answer> Sequencer::append_verbatim(std::vector<Envelope> envelopes) {
  auto [future, complete] = promise_answer();
  impl_->enqueue({std::move(envelopes), std::move(complete)});
  return std::move(future);
}

}  // namespace runledger
