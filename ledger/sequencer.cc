// The queue, the thread, and the fate of the answers when a commit succeeds, stalls or fails.
//
// Callers put work into `queue` under the mutex, or are answered "overloaded". The thread repeats: take() a batch of
// work, carry_out() the batch. There is no timer: while one commit is being synced, the queue collects the commands of
// the next one, so commits grow with the load.
//
// carry_out() decides each command in the order of submission, on a CommitGroup, and holds all answers back in
// `answers`. Then flush() writes the group with one sync, calls the completions in the same order, and reports. That is
// the invariant: no answer leaves before everything that was decided for it, or before it, is durable. Envelopes that
// are taken over as they are get a commit of their own, between two flushes.
//
// commit() has three outcomes:
// - The batch is written, and the answers stay as they are.
// - The storage engine stalls. Nothing is written, and the same batch is tried again until the engine has been behind
//   for Options::stall_max. Then every answer becomes "overloaded", and the cached states are cleared, because they
//   already contain the decisions. Later commits are tried once each, until one is written, or none came for as long.
// - A Failure leaves open what is durable. `broken` is set for good, and every answer, now and later, is
//   UnknownOutcome. A failed read of a state while deciding has the same effect.
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
#include "ledger/pause_watch.h"
#include "ledger/queued_bytes.h"
#include "ledger/rules/journal_import.h"

namespace runledger {
namespace {

constexpr auto kStallLookedAtEvery = std::chrono::milliseconds(2);

// An entry of the queue: a command to decide, a tenant's content to erase, or envelopes to take over as they are.
struct Work {
  template <class Asked>
  Work(Asked what, Sequencer::Completion completion)
      : bytes(queued_bytes(what)), content(std::move(what)), complete(std::move(completion)) {}

  std::size_t bytes;
  std::variant<Submission, EraseContent, std::vector<Envelope>> content;
  Sequencer::Completion complete;
};

// An answer that is held back until the commit is done.
struct Answered {
  Sequencer::Completion complete;
  Answer answer;
  bool is_internal = false;  // Submission::is_internal.
  std::shared_ptr<JournalImport> import = {};
};

Rejection overloaded() {
  return reject("overloaded", "expected room for another command, found the queue full");
}

Rejection engine_stalled() {
  return reject("overloaded", "expected room for a write, found that the storage engine cannot keep up");
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

// Defers the imports whose lines are among these answers: the lines were not written, so later ones must not be either.
void defer_imports(const std::vector<Answered>& answers) {
  for (const Answered& each : answers) {
    if (each.import) each.import->deferred_at_commit = true;
  }
}

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
  const CurrentCatalog& catalog;
  const Options options;
  DecidedStates states;

  mutable Mutex mutex;
  Condition arrived;
  std::deque<Work> queue RUNLEDGER_GUARDED_BY(mutex);
  std::size_t queue_bytes RUNLEDGER_GUARDED_BY(mutex) = 0;
  bool stopping RUNLEDGER_GUARDED_BY(mutex) = false;

  // Used by the sequencer's thread only, like `states`.
  std::shared_ptr<const Catalog> rules;  // Those of the current batch, all of whose commits use them.
  std::optional<std::string> broken;     // The text of the first failure.
  // The current stall of the storage engine; absent while it keeps up.
  struct Stall {
    std::chrono::steady_clock::time_point since;
    std::chrono::steady_clock::time_point last_tried;
  };
  std::optional<Stall> stall;
  CommitReport report;                          // The report of the current commit, so far.
  std::chrono::steady_clock::time_point begun;  // When the current commit began.
  std::optional<PauseWatch> pauses;             // Absent: leases are not renewed.
  std::thread thread;

  Impl(EventLog& log_, const DecisionStates& stored_, const Clock& clock_, const CurrentCatalog& catalog_,
       const Options& options_)
      : log(log_),
        stored(stored_),
        clock(clock_),
        catalog(catalog_),
        options(options_),
        states(options_.cached_states_max / 2 + 1, log_.store()) {
    if (options.renew_leases) pauses.emplace(clock, options.on_pause);
  }

  void enqueue(Work work);
  bool has_room_for(const Work& work) const RUNLEDGER_REQUIRES(mutex);
  std::vector<Work> take();
  void run();
  void carry_out(std::vector<Work> batch);
  bool commit(CommitGroup& group, std::vector<Answered>& answers);
  AppendOutcome append(const AppendBatch& batch);
  Answer decide(CommitGroup& group, const Submission& submission);
  Answer take_over(const std::vector<Envelope>& envelopes);
  Answer carry_out(const EraseContent& erase);
  Answer commit_alone(CommitGroup& group, RunId run);
  void fail(const Failure& failure);
  std::optional<Rejection> storage_full();
  CommitReport take_report(const std::vector<Answered>& answers);
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
  if (broken) return;
  broken = failure.what();
  if (options.on_broken) options.on_broken(failure);
}

std::optional<Rejection> Sequencer::Impl::storage_full() {
  if (options.free_bytes_min == 0 || broken) return {};
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
  if (broken) return UnknownOutcome{*broken};
  try {
    const Moment now = clock.moment();
    // Asked after the time is read: if the process pauses between the two, the leases are whole, never over.
    if (pauses) states.leases_renewed_at = pauses->running_since();
    return group.decide(submission, now);
  } catch (const Failure& failure) {
    fail(failure);
    return UnknownOutcome{*broken};
  }
}

// Tries again while the engine is behind, but not for long. The batch has been decided, and nothing else can be decided
// before it is written or given up, so there is nothing better to do meanwhile. When no command has come for a while,
// the engine may have caught up and be behind anew: that is another stall.
AppendOutcome Sequencer::Impl::append(const AppendBatch& batch) {
  for (;;) {
    const AppendOutcome outcome = log.append(batch, options.when_behind);
    if (outcome == AppendOutcome::kAppended) {
      stall.reset();
      return outcome;
    }
    const auto now = options.steady_now();
    if (!stall || now - stall->last_tried > options.stall_max) stall = Stall{now, now};
    stall->last_tried = now;
    if (now - stall->since >= options.stall_max) return outcome;
    std::this_thread::sleep_for(kStallLookedAtEvery);
  }
}

// Writes the group. When it is not written, returns false and replaces the answers.
bool Sequencer::Impl::commit(CommitGroup& group, std::vector<Answered>& answers) {
  const auto answer_all = [&](const Answer& answer) {
    for (Answered& each : answers) each.answer = answer;
  };
  if (broken) {
    answer_all(UnknownOutcome{*broken});
    return false;
  }
  if (group.empty()) return true;
  try {
    const AppendBatch batch = group.finish();
    switch (append(batch)) {
      case AppendOutcome::kAppended:
        report.count(batch);
        return true;
      case AppendOutcome::kStalled:
        states.clear();  // They are ahead of the log.
        answer_all(engine_stalled());
        return false;
    }
    RUNLEDGER_ASSERT(false);
  } catch (const Failure& failure) {
    fail(failure);
    answer_all(UnknownOutcome{*broken});
  }
  return false;
}

Answer Sequencer::Impl::take_over(const std::vector<Envelope>& envelopes) {
  if (broken) return UnknownOutcome{*broken};
  if (envelopes.empty() || envelopes.size() > EventLog::kEventsPerAppendMax) {
    return reject("batch.too_large",
                  fmt::format("expected 1 to {} envelopes, found {}", EventLog::kEventsPerAppendMax, envelopes.size()));
  }
  try {
    CommitGroup group(log.head(), stored, *rules, states);
    for (const Envelope& envelope : envelopes) {
      if (auto refused = group.add_verbatim(envelope)) {
        states.clear();
        return *std::move(refused);
      }
    }
    return commit_alone(group, envelopes.back().run);
  } catch (const Failure& failure) {
    fail(failure);
    return UnknownOutcome{*broken};
  }
}

// Returns the answer to work that has a commit of its own.
Answer Sequencer::Impl::commit_alone(CommitGroup& group, RunId run) {
  Reply reply;
  reply.run = run;
  reply.sequence = group.last();
  std::vector<Answered> answers;
  answers.push_back(Answered{{}, reply});
  commit(group, answers);
  return answers.front().answer;
}

Answer Sequencer::Impl::carry_out(const EraseContent& erase) {
  if (broken) return UnknownOutcome{*broken};
  try {
    CommitGroup group(log.head(), stored, *rules, states);
    if (auto refused = group.erase(erase, clock.moment())) return *std::move(refused);
    return commit_alone(group, RunId{});
  } catch (const Failure& failure) {
    fail(failure);
    return UnknownOutcome{*broken};
  }
}

// Returns the report of everything that was done since the last report.
CommitReport Sequencer::Impl::take_report(const std::vector<Answered>& answers) {
  const auto now = std::chrono::steady_clock::now();
  report.took = now - std::exchange(begun, now);
  for (const Answered& each : answers) report.count(each.answer, each.is_internal);
  return std::exchange(report, {});
}

void Sequencer::Impl::carry_out(std::vector<Work> batch) {
  begun = std::chrono::steady_clock::now();
  rules = catalog.read();
  const std::optional<Rejection> full = storage_full();
  std::vector<Answered> answers;
  answers.reserve(batch.size());
  std::optional<CommitGroup> group;
  const auto flush = [&] {
    if (group && !commit(*group, answers)) defer_imports(answers);
    group.reset();
    states.turn();
    const CommitReport done = take_report(answers);
    for (Answered& each : answers) each.complete(std::move(each.answer));
    answers.clear();
    if (options.on_commit) options.on_commit(done);
  };
  for (Work& work : batch) {
    const std::shared_ptr<JournalImport> import = import_of(work);
    if (import && import->deferred_at_commit) {
      answers.push_back({std::move(work.complete), full.value_or(overloaded())});
    } else if (full && is_new_work(work)) {
      if (import) import->deferred_at_commit = true;
      answers.push_back({std::move(work.complete), *full});
    } else if (const auto* submission = std::get_if<Submission>(&work.content)) {
      const bool may_be_large = std::holds_alternative<RecordSpooledRun>(submission->command);
      if (may_be_large) flush();
      if (!group) group.emplace(log.head(), stored, *rules, states);
      answers.push_back({std::move(work.complete), decide(*group, *submission), submission->is_internal, import});
      if (may_be_large) flush();
    } else {
      flush();  // The commands before it get a commit of their own.
      const auto* erase = std::get_if<EraseContent>(&work.content);
      answers.push_back({std::move(work.complete), erase != nullptr
                                                       ? carry_out(*erase)
                                                       : take_over(std::get<std::vector<Envelope>>(work.content))});
      flush();  // The answer stays as it is, whatever happens to the commands after it.
    }
  }
  flush();
}

Sequencer::Sequencer(EventLog& log, const DecisionStates& stored, const Clock& clock, const CurrentCatalog& catalog,
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

std::future<Answer> Sequencer::erase(EraseContent erase) {
  auto [future, complete] = promise_answer();
  impl_->enqueue({std::move(erase), std::move(complete)});
  return std::move(future);
}

std::future<Answer> Sequencer::append_verbatim(std::vector<Envelope> envelopes) {
  auto [future, complete] = promise_answer();
  impl_->enqueue({std::move(envelopes), std::move(complete)});
  return std::move(future);
}

}  // namespace runledger
