// The rules of a run: which commands are allowed, and what each event means.
//
// All functions are pure: they use no clock, no I/O and no randomness. Everything that a rule needs arrives as an
// argument.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ledger/rules/catalog.h"
#include "ledger/rules/command.h"
#include "ledger/rules/event.h"

namespace runledger {

class ContentKey;  // ledger/rules/content_digests.h

// How long a skipped start stands for the same starts after it, when no attempt is open. When one is open, its lease
// counts instead.
inline constexpr Duration kSkipStands = std::chrono::seconds(60);

enum class AttemptStatus : std::uint8_t {
  kOpen,
  kFinished,
  kLost,        // Its lease ran out.
  kSuperseded,  // A later attempt, or the run's end, overtook it.
  kLate,        // It was lost or superseded, and its end was recorded afterwards.
};

// One attempt of a run, as RunState holds it.
struct AttemptState {
  ScopeSequence token;  // The scope_sequence of its AttemptStarted event.
  Sequence started_by;  // That event.
  AttemptStatus status = AttemptStatus::kOpen;
  Time started_at;   // By Envelope::decided_at().
  Duration lease{};  // How long it lives without a heartbeat.
  std::optional<AttemptKey> key = {};
  ContentDigest finish = {};  // The digest of its worker's report; meaningful with kFinished and kLate.
  Sequence finished_by = {};  // The event that recorded the worker's report; zero when there is no report.
  friend bool operator==(const AttemptState&, const AttemptState&) = default;
};

// The command that started the open attempt, by which its repeat is recognised.
struct Opener {
  CommandId command;
  StarterDigest starter;
  friend bool operator==(const Opener&, const Opener&) = default;
};

// A start that was skipped. The same start is answered with the same event until `until`.
struct Skip {
  DedupeRule rule = DedupeRule::kAttemptActive;
  Caller caller;
  std::optional<StarterDigest> starter;
  Sequence event;
  Time until;  // Excludes this very time.
  friend bool operator==(const Skip&, const Skip&) = default;
};

// The state of a run that decide() needs; the row that people see is projections/folds/operation_run.h.
struct RunState {
  RunVersion version;  // Zero when the run does not exist.
  Scope scope;
  RunType type;
  RunStatus status = RunStatus::kQueued;
  RunOutcome outcome = RunOutcome::kPending;
  Identity identity;
  ContentDigest content;                  // The digest of the Requested event.
  Policy policy;                          // The policy at the time of the request.
  std::vector<AttemptState> attempts;     // Attempt n is at index n - 1.
  Time requested_at;                      // By Envelope::decided_at(), as is completed_at.
  Time completed_at;                      // Meaningful once completed.
  std::optional<ContentDigest> ended_by;  // The digest of the RunFailed that ended it; absent when an attempt did.
  Sequence requested_by;                  // The Requested event.
  Sequence completed_by;                  // The event that completed it; zero while active.
  Sequence last_sequence;
  ScopeSequence last_in_scope;     // The scope_sequence of the same event.
  std::optional<RunId> root = {};  // The run at the beginning of its chain of parents; absent without a parent.
  Origin origin = Origin::kLive;   // Of its request.
  // The event by which the ledger took over a run of a journal: its adoption or its first live start. Zero when there
  // is none.
  Sequence taken_over_by = {};
  std::optional<Time> not_before = {};   // When the retry is due for which the run is queued.
  std::optional<Opener> opened_by = {};  // Of the open attempt, if its start can be recognised again.
  std::optional<Skip> last_skip = {};    // The run has not changed since.
  friend bool operator==(const RunState&, const RunState&) = default;

  [[nodiscard]] bool exists() const { return version.value != 0; }
  [[nodiscard]] bool active() const { return exists() && status != RunStatus::kCompleted; }
  // True for a run that a journal left open and that is still the business of the journal's source: it stands in the
  // way of no live request, and nobody claims it.
  [[nodiscard]] bool imported_open() const {
    return active() && origin == Origin::kImported && taken_over_by.value == 0;
  }
  // Returns the open attempt, which is always the last one; null when no attempt is open.
  [[nodiscard]] const AttemptState* open_attempt() const {
    return !attempts.empty() && attempts.back().status == AttemptStatus::kOpen ? &attempts.back() : nullptr;
  }
};

// The state of an identity that decide() needs.
struct IdentityState {
  std::optional<RunId> active;         // The canonical run, while it is active: requested live, or taken over.
  std::optional<RunId> last;           // The run whose cooldown counts: requested or taken over last.
  std::optional<Time> cooldown_until;  // The end of the last run's cooldown, which excludes this very time.
  Sequence decided_by;                 // The event that led to this state.
  // The run of a journal that later lines of journals are answered with while it is active, taken over or not. A
  // request of a journal becomes `last` only if no run is `active`.
  std::optional<RunId> imported_active = {};
  friend bool operator==(const IdentityState&, const IdentityState&) = default;

  // Returns the active run that a request of this origin is answered with.
  [[nodiscard]] const std::optional<RunId>& holder(Origin of) const {
    return of == Origin::kImported ? imported_active : active;
  }
};

// The facts on which a decision is made. load_facts() (ledger/rules/facts.h) collects them.
struct Facts {
  const RunState& run;                 // The run that the command names; it does not exist for a new one.
  const IdentityState& identity;       // The request's identity, or that of the named run.
  const RunState& canonical;           // The run of identity.holder(origin), else of identity.last, else `run` again.
  const CatalogEntry& type;            // The entry of the run's type.
  std::optional<Duration> lease_left;  // For an open attempt (ledger/rules/lease.h); zero or less when it has run out.
  Time now;                            // The time of the decision; for a line of a journal, the journal's time.
  Origin origin = Origin::kLive;
  Sequence next;                // The sequence of the first new event.
  ScopeSequence next_in_scope;  // Its scope_sequence, from which tokens follow; for a start only.
  const ContentKey& contents;   // Digests what the events contain.
  // Of a start, that of its submission: its id, the digest of its starter, and its caller.
  std::optional<CommandId> command = {};
  std::optional<StarterDigest> starter = {};
  Caller caller = {};
  // The runs that a request names as its parent and as the run that it repeats; null when it names none.
  const RunState* parent = nullptr;
  const RunState* rerun_of = nullptr;
};

// The events to append to the run `reply.run`, in order, and the answer. There are no events when nothing new happened.
struct Decision {
  std::vector<Event> events;
  Reply reply;
  std::optional<Counts> progress = {};  // What a heartbeat reported, as far as the type allows it.
  // When each event happened; empty if the submission says so for all of them.
  std::vector<Time> happened_at = {};

  [[nodiscard]] std::optional<Time> occurred_at(std::size_t event, const std::optional<Time>& submitted) const {
    return happened_at.empty() ? submitted : std::optional(happened_at[event]);
  }
};

// Decides whether the command is allowed, which events it makes and how it is answered. The same facts and command
// always lead to the same decision.
[[nodiscard]] std::variant<Decision, Rejection> decide(const Facts& facts, const Command& command);

// Returns the answer to a request whose parent does not exist, or may not be named: both are answered alike.
[[nodiscard]] Rejection no_such_parent();

// Applies an event to the state of its run. It is total: it accepts every event that the log can hold. Requires events
// of one run, in order.
void evolve(RunState& run, const Envelope& envelope);

// Applies an event to the state of its run's identity. `run` is the run's state after the event. Requires events of one
// identity, in order.
void evolve(IdentityState& identity, const RunState& run, const Envelope& envelope);

// Returns the outcome of a run that an attempt with this outcome completes.
[[nodiscard]] RunOutcome run_outcome(AttemptOutcome outcome);

// Returns the reason why `envelope` cannot follow the state `run`, or nullopt when it can. `verify` and a verbatim
// import check every event with it.
[[nodiscard]] std::optional<std::string> illegal_step(const RunState& run, const Envelope& envelope);

}  // namespace runledger
