// The rules of a run: which commands are allowed, and what each event means.
//
// Pure: no clock, no I/O, no randomness. Everything that a rule needs arrives as an argument.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ledger/rules/catalog.h"
#include "ledger/rules/command.h"
#include "ledger/rules/event.h"
#include "ledger/rules/identity.h"

namespace runledger {

enum class AttemptStatus : std::uint8_t {
  kOpen,
  kFinished,
  kLost,        // Its lease ran out.
  kSuperseded,  // A later attempt, or the run's end, overtook it.
  kLate,        // Lost or superseded, and its end was recorded afterwards.
};

struct AttemptState {
  Sequence token;
  AttemptStatus status = AttemptStatus::kOpen;
  Time started_at;  // The time of its decision.
  std::optional<AttemptKey> key;
  ContentDigest finish;  // Of what its worker reported; meaningful with kFinished and kLate.
  Sequence finished_by;  // The event that recorded the worker's report; zero when none.
  friend bool operator==(const AttemptState&, const AttemptState&) = default;
};

// What decide() needs to know of a run; the row that people see is projections/folds/operation_run.h.
struct RunState {
  RunVersion version;  // Zero: the run does not exist.
  Scope scope;
  RunType type;
  RunStatus status = RunStatus::kQueued;
  RunOutcome outcome = RunOutcome::kPending;
  Identity identity;
  ContentDigest content;                  // Of scope, type and whole input.
  Policy policy;                          // As it stood when the run was requested.
  std::vector<AttemptState> attempts;     // Attempt n at n - 1.
  Time requested_at;                      // Both are times of decisions.
  Time completed_at;                      // Meaningful once completed.
  std::optional<ContentDigest> ended_by;  // Of the RunFailed that ended it; absent when an attempt did.
  Sequence requested_by;                  // The Requested event.
  Sequence completed_by;                  // The event that completed it; zero while active.
  Sequence last_sequence;
  friend bool operator==(const RunState&, const RunState&) = default;

  [[nodiscard]] bool exists() const { return version.value != 0; }
  [[nodiscard]] bool active() const { return exists() && status != RunStatus::kCompleted; }
  // The attempt under way, which is always the last one; null when none is.
  [[nodiscard]] const AttemptState* open_attempt() const {
    return !attempts.empty() && attempts.back().status == AttemptStatus::kOpen ? &attempts.back() : nullptr;
  }
};

// What decide() needs to know of an identity.
struct IdentityState {
  std::optional<RunId> active;         // The canonical run, while it is active.
  std::optional<RunId> last;           // The run that was requested last; absent: never requested.
  std::optional<Time> cooldown_until;  // After the last run; a request at this very time is no longer in it.
  Sequence decided_by;                 // The event that put it so.
  friend bool operator==(const IdentityState&, const IdentityState&) = default;
};

// What a decision is made on.
struct Facts {
  const RunState& run;                 // Of the run that the command names; not existing for a new one.
  const IdentityState& identity;       // Of the request's identity, or of the named run's.
  const RunState& canonical;           // Of identity.active, else of identity.last, else `run` again.
  const CatalogEntry& type;            // Of the run's type.
  std::optional<Duration> lease_left;  // Of the open attempt (ledger/rules/lease.h); zero or less: run out.
  Time now;                            // The time of the decision; for an import, what the journal says.
  Origin origin = Origin::kLive;
  Sequence next;                      // What the first new event will be numbered: an attempt's token.
  std::optional<Time> retry_at = {};  // When the retry is due that the run waits for; of a finish only.
};

// Events to append to the stream of reply.run, in order (none when nothing new happened), and the answer to give.
struct Decision {
  std::vector<Event> events;
  Reply reply;
};

[[nodiscard]] std::variant<Decision, Rejection> decide(const Facts& facts, const Command& command);

// Total: accepts every event that the log can hold. Requires events of one run, in order.
void evolve(RunState& run, const Envelope& envelope);

// `run` is the run's state after the event. Requires events of one identity, in order.
void evolve(IdentityState& identity, const RunState& run, const Envelope& envelope);

// What a run ends as when an attempt of this outcome ends it.
[[nodiscard]] RunOutcome run_outcome(AttemptOutcome outcome);

// Why `envelope` cannot follow `run`; absent when it can. What verify and a verbatim import hold a stream to.
[[nodiscard]] std::optional<std::string> illegal_step(const RunState& run, const Envelope& envelope);

}  // namespace runledger
