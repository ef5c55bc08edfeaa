// The thread that matches waiting callers with due runs.
//
// Other threads only leave messages under `mutex` and wake the thread: claim() adds to `coming`, the sequencer's thread
// to `answered`, the destructor of Waiting to `withdrawn`. claim() also counts the caller in `waiting_count` and
// `shares`, by which it decides on the spot whether there is a place; finish() takes it out again. The thread that
// follows the rows notes newly queued runs in `queues`, which has its own lock. Everything else belongs to the thread
// in run(), which repeats two steps:
// 1. take_in() moves the messages in. A claim with a command id is first submitted for no run: if it is a repeat, the
//    sequencer answers with the run of the first time, otherwise with "claim.lost". settle() handles the answers.
// 2. serve_all() wakes the queues with due runs, and for each caller that may find a run, oldest first, serve() takes
//    one from `queues` and submits ClaimRun with the number of its next attempt. Then expired callers get NothingDue.
//    Callers that may no longer have a run (ScopedClaim::deny) are refused: each just before it is served, and all of
//    them every kDeniedEvery, so that no caller waits in vain until the next run is due.
// Between these it sleeps until next_look(): the next deadline, the next due time, or the rows' progress.
//
// The queues come from the rows, which lag behind the log. So a chosen run is in `handed_out`, and no other caller is
// offered it, until the rows hold the event that started it. If it was not started ("claim.lost", a refusal, a repeat
// under the same id), the reason is in the log by then; once the rows have caught up with that, forget_handed_out()
// notes the run in the queues again, because no change of a row will. It may still be queued there.
//
// Exactly one answer: finish() calls `complete` and removes the caller, and nothing else does either. A caller for
// which the sequencer was asked is only finished by settle(), so a started run always has a caller to return it to. The
// sequencer answers every command; therefore stop() can wait for all of them.
#include "jobs/dispatch/claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <thread>
#include <unordered_map>

#include "jobs/dispatch/claim_callers.h"
#include "ledger/base/assert.h"
#include "ledger/base/damage.h"
#include "ledger/base/failure.h"
#include "ledger/base/mutex.h"
#include "ledger/base/thread_name.h"
#include "ledger/values/sha256.h"
#include "projections/rows/due_queues.h"

namespace runledger {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr auto kLookAgainAfter = std::chrono::milliseconds(20);  // While a run that was not started waits for the rows.
constexpr std::size_t kMakingRoomMax = 64;  // Callers above kWaitingMax for which others are about to leave.
constexpr auto kSleepMax = std::chrono::seconds(60);
// How often, and for how long at most, a claim waits for the rows to catch up before it is answered NothingDue. Rows
// follow the log within milliseconds.
constexpr auto kRowsLookedAtEvery = std::chrono::milliseconds(2);
constexpr auto kRowsWaitedForMax = std::chrono::seconds(2);

struct Answered {
  std::uint64_t caller = 0;
  Answer answer;
};

// A run that was chosen for a caller, until the rows show what became of it.
struct HandedOut {
  DueRun run;
  std::optional<Sequence> shown_by;  // The rows show it from this event on. Absent: the sequencer has not answered yet.
  bool is_left = false;              // It was not started, so another caller may get it.
};

// Callers that wait for the same: those of one claim_kind().
struct Demand {
  std::vector<RunType> types;
  std::optional<Workspace> workspace;
  std::optional<Tenant> tenant;
  std::size_t callers = 0;

  [[nodiscard]] bool is_for(const RunType& type, const Scope& scope) const {
    return std::find(types.begin(), types.end(), type) != types.end() &&
           (!workspace || *workspace == scope.workspace) && (!tenant || tenant == scope.tenant);
  }
};

DueQueues::Choice choice_of(const ScopedClaim& claim) {
  return {claim.what.types, claim.workspace, claim.tenant};
}

Rejection claims_stopped() {
  return reject("claims.stopped",
                "expected a daemon that can read its ledger, found that it can no longer hand out runs");
}

std::optional<Rejection> refuse(const ClaimRequest& request, const Catalog& catalog) {
  if (request.types.empty() || request.types.size() > kClaimTypesMax)
    return reject("claim.invalid",
                  fmt::format("expected 1 to {} types, found {}", kClaimTypesMax, request.types.size()));
  if (request.wait < std::chrono::milliseconds::zero() || request.wait > kClaimWaitMax)
    return reject("claim.invalid", fmt::format("expected to wait from 0 to {} s, found {} ms",
                                               std::chrono::duration_cast<std::chrono::seconds>(kClaimWaitMax).count(),
                                               request.wait.count()));
  if (!request.lease) return {};
  for (const RunType& type : request.types) {
    const CatalogEntry& entry = catalog.entry(type);
    const Result<Policy> policy = changed_within(entry.policy, {.lease = request.lease}, entry.bounds);
    if (!policy) return policy.rejection();
  }
  return {};
}

}  // namespace

// Shared with the callers' Waiting objects and the sequencer's completions, which may outlive the Claims.
struct Claims::Impl : std::enable_shared_from_this<Claims::Impl> {
  Ledger& ledger;
  FollowedRows& rows;
  const OnStopped on_stopped;
  DueQueues queues;

  Mutex mutex;  // Guards the messages of other threads.
  Condition arrived;
  std::vector<ClaimCaller> coming RUNLEDGER_GUARDED_BY(mutex);
  std::deque<Answered> answered RUNLEDGER_GUARDED_BY(mutex);
  std::vector<std::uint64_t> withdrawn RUNLEDGER_GUARDED_BY(mutex);
  std::size_t waiting_count RUNLEDGER_GUARDED_BY(mutex) = 0;
  Shares shares RUNLEDGER_GUARDED_BY(mutex);  // Of the callers that wait, including those in `coming`.
  std::unordered_map<std::string, Demand> demands RUNLEDGER_GUARDED_BY(mutex);  // Of these callers, by claim_kind().
  std::uint64_t last_number RUNLEDGER_GUARDED_BY(mutex) = 0;
  bool has_news RUNLEDGER_GUARDED_BY(mutex) = false;
  bool closed RUNLEDGER_GUARDED_BY(mutex) = false;  // No run is handed out any more.
  bool stopping RUNLEDGER_GUARDED_BY(mutex) = false;
  std::optional<std::string> stopped_by RUNLEDGER_GUARDED_BY(mutex);  // Why no run can be claimed any more.
  struct RowsStop {
    std::string code;
    std::string what;
  };
  std::optional<RowsStop> rows_stop RUNLEDGER_GUARDED_BY(mutex);  // Present once the rows no longer follow the log.

  // Used by the thread only.
  ClaimCallers callers;
  Shares callers_shares;  // Of `callers`.
  std::unordered_map<RunId, HandedOut> handed_out;
  Sequence rows_seen;          // The checkpoint at which handed_out was last compared with the rows.
  std::size_t left_count = 0;  // Entries of handed_out with is_left.
  Sequence queues_checkpoint;  // The queues know every run that was queued up to here.
  SteadyClock::time_point next_denial = SteadyClock::now();  // When end_denied() looks at all callers again.
  std::thread thread;

  Impl(Ledger& of, FollowedRows& followed, OnStopped report_stopped)
      : ledger(of), rows(followed), on_stopped(std::move(report_stopped)), queues(followed.rows()) {}

  void run();
  void take_in();
  [[nodiscard]] bool has_room_for(const Holder& holder) const RUNLEDGER_REQUIRES(mutex);
  void make_room();
  void settle(Answered& settled);
  void serve_all();
  void stop_by(std::string_view code, std::string_view what);
  void forget_handed_out();
  void end_denied();
  bool end_if_denied(ClaimCaller& caller);
  bool serve(ClaimCaller& caller);
  [[nodiscard]] bool is_over(const ClaimCaller& caller) const;
  void ask(ClaimCaller& caller, RunId run, AttemptNumber next);
  ClaimAnswer describe(const Reply& reply) const;
  void finish(ClaimCaller& caller, ClaimAnswer answer);
  void finish_idle(const ClaimAnswer& answer);
  [[nodiscard]] SteadyClock::time_point next_look();
  void stop();

  // Changes the guarded members and wakes the thread. Not analysed: clang cannot see that the lock is held when the
  // function object, whose call operator requires it, is called.
  template <class Change>
  void update(const Change& change) RUNLEDGER_THREAD_SAFETY(no_thread_safety_analysis) {
    {
      const MutexLock lock(mutex);
      change(*this);
      has_news = true;
    }
    arrived.notify_one();
  }
};

void Claims::Impl::run() {
  name_thread("claims");
  for (;;) {
    const SteadyClock::time_point until = next_look();
    {
      MutexLock lock(mutex);
      while (!has_news && !stopping && arrived.wait_until(lock, until)) continue;
      if (stopping) break;
    }
    take_in();
    try {
      serve_all();
    } catch (const Failure& failure) {
      stop_by(failure.code(), failure.what());
    } catch (const std::exception& error) {
      stop_by("internal", error.what());
    }
  }
  stop();
}

// This is final: every later search would meet the same failure, and the other runs would never be handed out.
void Claims::Impl::stop_by(std::string_view code, std::string_view what) {
  {
    const MutexLock lock(mutex);
    stopped_by = what;
  }
  if (on_stopped) on_stopped(code, what);
  finish_idle(claims_stopped());
}

void Claims::Impl::finish_idle(const ClaimAnswer& answer) {
  while (ClaimCaller* const caller = callers.first_to_give_up()) finish(*caller, answer);
}

void Claims::Impl::take_in() {
  std::vector<ClaimCaller> come;
  std::deque<Answered> settled;
  std::vector<std::uint64_t> gone;
  {
    const MutexLock lock(mutex);
    has_news = false;
    come.swap(coming);
    settled.swap(answered);
    gone.swap(withdrawn);
  }
  for (ClaimCaller& each : come) {
    ClaimCaller& caller = callers.add(std::move(each));
    callers_shares.add(caller.claim.holder);
    // With no run, this only asks whether the claim is a repeat, and for the run that it got before.
    if (caller.claim.options.id) ask(caller, RunId{}, AttemptNumber{});
  }
  for (Answered& each : settled) settle(each);
  for (const std::uint64_t number : gone) {
    ClaimCaller* const caller = callers.find(number);
    if (caller == nullptr) continue;
    caller->is_withdrawn = true;
    if (!caller->is_asking) finish(*caller, NothingDue{});
  }
  make_room();
}

bool Claims::Impl::has_room_for(const Holder& holder) const {
  if (waiting_count < kWaitingMax) return true;
  return waiting_count < kWaitingMax + kMakingRoomMax && shares.held_by(holder) + 1 < shares.most();
}

// Callers for which a run is being started keep their places: they are about to leave. Only what belongs to this thread
// is used, so that claim() never waits for the search. A caller that comes meanwhile is in `coming` and has woken the
// thread, so the next take_in() counts it.
void Claims::Impl::make_room() {
  while (callers.size() > kWaitingMax) {
    ClaimCaller* newest = nullptr;
    std::pair<std::size_t, std::uint64_t> rank;
    for (const std::uint64_t number : callers.idle()) {
      ClaimCaller* const caller = callers.find(number);
      const std::pair ranks(callers_shares.held_by(caller->claim.holder), number);
      if (newest != nullptr && ranks < rank) continue;
      newest = caller;
      rank = ranks;
    }
    if (newest == nullptr) return;
    finish(*newest, reject("overloaded", "expected a place to wait in, found that another caller needs it"));
  }
}

void Claims::Impl::settle(Answered& settled) {
  ClaimCaller* const caller = callers.find(settled.caller);
  RUNLEDGER_ASSERT(caller != nullptr);
  callers.end_asking(*caller);
  const Reply* reply = std::get_if<Reply>(&settled.answer);
  if (const auto picked = handed_out.find(caller->picked); picked != handed_out.end()) {
    // When two callers wait under one command id, the second is answered with the run of the first, not with its own.
    picked->second.is_left = reply == nullptr || reply->run != caller->picked;
    picked->second.shown_by = picked->second.is_left ? ledger.log().last() : reply->sequence;
    if (picked->second.is_left) ++left_count;
    rows_seen = {};  // The rows may already hold that event, so compare again.
  }
  if (reply != nullptr) return finish(*caller, describe(*reply));
  if (auto* unknown = std::get_if<UnknownOutcome>(&settled.answer)) return finish(*caller, std::move(*unknown));
  auto& rejection = std::get<Rejection>(settled.answer);
  if (rejection.code != "claim.lost") return finish(*caller, std::move(rejection));
  if (caller->is_withdrawn) finish(*caller, NothingDue{});
}

void Claims::Impl::finish(ClaimCaller& caller, ClaimAnswer answer) {
  caller.complete(std::move(answer));
  const Holder holder = caller.claim.holder;
  const std::string kind = caller.kind;
  callers.remove(caller);
  callers_shares.remove(holder);
  const MutexLock lock(mutex);
  --waiting_count;
  shares.remove(holder);
  const auto demand = demands.find(kind);
  if (--demand->second.callers == 0) demands.erase(demand);
}

ClaimAnswer Claims::Impl::describe(const Reply& reply) const {
  try {
    const RunState state = ledger.states().load_run(reply.run);
    const std::optional<Envelope> requested = ledger.log().find(state.requested_by);
    if (!requested) throw_damaged(fmt::format("expected the request of a run at {}", state.requested_by.value));
    const AttemptState& attempt = state.attempts.at(reply.attempt.value - 1);
    return ClaimedRun{.started = reply,
                      .scope = state.scope,
                      .type = state.type,
                      .input = std::get<Requested>(requested->event).input,
                      .lease = attempt.lease};
  } catch (const std::exception& error) {
    // The run has been started, so this is no refusal: a repeat of the claim with the same command id may read it.
    return UnknownOutcome{error.what()};
  }
}

// A run that was started leaves the queues through its row. A run that was not started may have no further change of
// its row, so it is noted here.
void Claims::Impl::forget_handed_out() {
  const Sequence seen = rows.rows().checkpoint();
  if (seen == rows_seen) return;
  rows_seen = seen;
  for (auto each = handed_out.begin(); each != handed_out.end();) {
    const HandedOut& given = each->second;
    const bool is_shown = given.shown_by && *given.shown_by <= seen;
    if (is_shown && given.is_left) {
      --left_count;
      queues.note(given.run.type, given.run.scope, given.run.due);
    }
    each = is_shown ? handed_out.erase(each) : std::next(each);
  }
}

void Claims::Impl::serve_all() {
  std::optional<RowsStop> stop_of_rows;
  bool is_stopped = false;
  bool is_closed = false;
  {
    const MutexLock lock(mutex);
    stop_of_rows = rows_stop;
    is_stopped = stopped_by.has_value();
    is_closed = closed;
  }
  if (is_stopped) return finish_idle(claims_stopped());
  if (stop_of_rows) return stop_by(stop_of_rows->code, stop_of_rows->what);
  if (is_closed) return finish_idle(NothingDue{});
  end_denied();
  forget_handed_out();
  queues_checkpoint = rows.checkpoint();
  for (const DueQueues::Queue& woken : queues.wake(ledger.clock().now())) callers.wake(woken.type, woken.scope);
  while (ClaimCaller* const caller = callers.next()) {
    if (end_if_denied(*caller)) continue;
    if (!serve(*caller)) callers.found_nothing(*caller);
  }
  for (ClaimCaller* late = callers.first_to_give_up(); late != nullptr && is_over(*late);
       late = callers.first_to_give_up())
    finish(*late, NothingDue{});
  rows.follow_closely(callers.first_to_give_up() != nullptr);
}

void Claims::Impl::end_denied() {
  const SteadyClock::time_point now = SteadyClock::now();
  if (now < next_denial) return;
  next_denial = now + kDeniedEvery;
  for (const std::uint64_t number : callers.idle()) end_if_denied(*callers.find(number));
}

// Returns whether the caller was refused, and is therefore gone.
bool Claims::Impl::end_if_denied(ClaimCaller& caller) {
  if (!caller.claim.deny) return false;
  std::optional<Rejection> denied = caller.claim.deny();
  if (!denied) return false;
  finish(caller, *std::move(denied));
  return true;
}

// A caller gives up only after the queues have seen everything that was acknowledged before it came, within limits.
bool Claims::Impl::is_over(const ClaimCaller& caller) const {
  const SteadyClock::time_point now = SteadyClock::now();
  return caller.deadline <= now &&
         (caller.came_after <= queues_checkpoint || caller.deadline + kRowsWaitedForMax <= now);
}

// Returns false when no run is due for the caller.
bool Claims::Impl::serve(ClaimCaller& caller) {
  const auto due = queues.take(choice_of(caller.claim), ledger.clock().now(),
                               [this](RunId run) { return handed_out.contains(run); });
  if (!due) return false;
  const RunState state = ledger.states().load_run(due->run);
  handed_out.emplace(due->run, HandedOut{*due, {}, false});
  ask(caller, due->run, AttemptNumber{static_cast<std::uint32_t>(state.attempts.size() + 1)});
  return true;
}

void Claims::Impl::ask(ClaimCaller& caller, RunId run, AttemptNumber next) {
  callers.begin_asking(caller);
  caller.picked = run;
  Submission submission{.command = ClaimRun{.run = run,
                                            .next = next,
                                            .worker = caller.claim.what.worker,
                                            .claim = content_digest({"claim", caller.kind}),
                                            .lease = caller.claim.what.lease},
                        .id = caller.claim.options.id,
                        .starter = caller.claim.options.starter,
                        .occurred_at = caller.claim.options.occurred_at,
                        .is_internal = true,
                        .caller = caller.claim.caller};
  ledger.sequencer().submit(std::move(submission), [self = shared_from_this(), number = caller.number](Answer answer) {
    self->update([&](Impl& claims) RUNLEDGER_REQUIRES(claims.mutex) {
      claims.answered.push_back({number, std::move(answer)});
    });
  });
}

SteadyClock::time_point Claims::Impl::next_look() {
  const SteadyClock::time_point now = SteadyClock::now();
  SteadyClock::time_point next = now + (left_count == 0 ? kSleepMax : kLookAgainAfter);
  if (const ClaimCaller* const caller = callers.first_to_give_up())
    next = std::min({next, next_denial, caller->deadline > now ? caller->deadline : now + kRowsLookedAtEvery});
  if (const auto due = queues.next_wake())
    next = std::min(next, now + std::clamp<Duration>(*due - ledger.clock().now(), Duration::zero(), kSleepMax));
  return next;
}

// The sequencer answers every command, so this ends, and every caller has its answer then.
void Claims::Impl::stop() {
  for (;;) {
    take_in();
    finish_idle(NothingDue{});
    if (callers.empty()) return;
    MutexLock lock(mutex);
    while (answered.empty()) arrived.wait(lock);
  }
}

Claims::Claims(Ledger& ledger, FollowedRows& rows, OnStopped on_stopped)
    : impl_(std::make_shared<Impl>(ledger, rows, std::move(on_stopped))) {
  rows.watch([impl = impl_](const std::vector<RowChange>& changes) {
    bool is_due = false;
    for (const RowChange& change : changes) {
      if (!change.due_at) continue;
      impl->queues.note(change.type, change.scope, *change.due_at);
      is_due = true;
    }
    if (is_due) impl->update([](const Impl&) {});
  });
  rows.on_stopped([impl = impl_](std::string_view code, std::string_view what) {
    impl->update([&](Impl& self) RUNLEDGER_REQUIRES(self.mutex) {
      self.rows_stop = Impl::RowsStop{std::string(code), std::string(what)};
    });
  });
  impl_->queues.load();
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

Claims::~Claims() {
  impl_->update([](Impl& self) RUNLEDGER_REQUIRES(self.mutex) { self.stopping = true; });
  impl_->thread.join();
}

void Claims::close() {
  impl_->update([](Impl& self) RUNLEDGER_REQUIRES(self.mutex) { self.closed = true; });
}

std::size_t Claims::waiting() const {
  const MutexLock lock(impl_->mutex);
  return impl_->waiting_count;
}

std::size_t Claims::waiting_for(const RunType& type, const Scope& scope, const std::optional<Workspace>& workspace,
                                const std::optional<Tenant>& tenant) const {
  const MutexLock lock(impl_->mutex);
  std::size_t callers = 0;
  for (const auto& [kind, demand] : impl_->demands) {
    const bool is_within = (!workspace || demand.workspace == workspace) && (!tenant || demand.tenant == tenant);
    if (is_within && demand.is_for(type, scope)) callers += demand.callers;
  }
  return callers;
}

std::optional<std::string> Claims::stopped_by() const {
  const MutexLock lock(impl_->mutex);
  return impl_->stopped_by;
}

Claims::Waiting Claims::claim(ScopedClaim claim, Completion complete) {
  if (auto refused = refuse(claim.what, *impl_->ledger.catalog())) {
    complete(*std::move(refused));
    return {};
  }
  const SteadyClock::time_point deadline = SteadyClock::now() + claim.what.wait;
  const Sequence last = impl_->ledger.log().last();
  std::uint64_t number = 0;
  bool has_room = false;
  bool is_stopped = false;
  impl_->update([&](Impl& self) RUNLEDGER_REQUIRES(self.mutex) {
    is_stopped = self.stopped_by.has_value();
    has_room = !is_stopped && self.has_room_for(claim.holder) && !self.stopping;
    if (!has_room) return;
    ++self.waiting_count;
    self.shares.add(claim.holder);
    number = ++self.last_number;
    std::string kind = claim_kind(claim);
    Demand& demand = self.demands[kind];
    if (demand.callers++ == 0) {
      demand.types = claim.what.types;
      demand.workspace = claim.workspace;
      demand.tenant = claim.tenant;
    }
    self.coming.push_back({.number = number,
                           .kind = std::move(kind),
                           .claim = std::move(claim),
                           .complete = std::move(complete),
                           .deadline = deadline,
                           .came_after = last});
  });
  if (!has_room) {
    complete(is_stopped ? claims_stopped()
                        : reject("overloaded", "expected room for another claim, found too many waiting"));
    return {};
  }
  return Waiting([impl = impl_, number] {
    impl->update([&](Impl& self) RUNLEDGER_REQUIRES(self.mutex) { self.withdrawn.push_back(number); });
  });
}

}  // namespace runledger
