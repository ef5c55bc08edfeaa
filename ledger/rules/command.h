// The commands that the sequencer carries out. The answers to them are in reply.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ledger/rules/event.h"
#include "ledger/rules/policy_bounds.h"
#include "ledger/rules/reply.h"

namespace runledger {

class Catalog;
struct JournalImport;

// Requests a run. `run` is the id for a new run: the caller chose it when `named`, otherwise it is random.
// prepare_request() (ledger/rules/ask.h) builds it, and thereby computes the identity and looks up the policy.
struct RequestRun {
  RunId run;
  bool named = false;
  Scope scope;
  RunType type;
  Identity identity;
  RunInput input;
  Policy policy;  // With the changes that the caller asked for.
  PolicyChanges changes = {};
  std::optional<SanitizedText> initiator = {};
  bool force = false;                  // Skips the cooldown, never the active-run rule.
  std::optional<RunId> rerun_of = {};  // A completed run of the same scope.
  std::optional<RunId> parent = {};    // The run that led to this one.
  Labels labels = {};
  std::optional<Traceparent> traceparent = {};
  std::vector<Warning> warnings = {};  // What could not be taken from the caller's request; passed on to the reply.
};

struct StartAttempt {
  RunId run;
  SanitizedText worker;
  std::optional<AttemptKey> key = {};  // A journal's own name for the attempt.
  std::optional<Duration> lease = {};  // Within the type's bounds, else "policy.out_of_bounds"; absent: the policy's.
  bool respect_not_before = false;     // Skips a run whose retry is not due yet, by kNotDue.
};

// For a worker that has only its input: applies the rules of a request, then those of a start, in one step.
struct StartByIdentity {
  RequestRun request;
  SanitizedText worker;
  std::optional<Duration> lease = {};  // As in StartAttempt, and so is the next one.
  bool respect_not_before = false;
};

// How a worker names its attempt: by number and fencing token.
struct AttemptRef {
  AttemptNumber attempt;
  ScopeSequence token;
};

struct Heartbeat {
  RunId run;
  AttemptRef attempt;
  std::optional<Counts> progress = {};  // How far the work has come; absent: as the heartbeat before said.
  std::vector<Warning> warnings = {};   // What was left out of the progress; passed on to the reply.
};

struct FinishAttempt {
  RunId run;
  std::variant<AttemptRef, AttemptKey> attempt;
  AttemptOutcome outcome = AttemptOutcome::kSucceeded;  // Any outcome except kLost.
  Counts summary_counts = {};
  std::vector<FailureNote> failures = {};
  bool retryable = true;
  std::vector<Warning> warnings = {};  // What was left out of the worker's report; passed on to the reply.
};

// The state of a run as a caller last read it.
struct ExpectedRunState {
  RunStatus status = RunStatus::kQueued;
  AttemptNumber attempt;  // The last one started.
  friend bool operator==(const ExpectedRunState&, const ExpectedRunState&) = default;
};

struct FailRun {
  RunId run;
  ReasonCode reason_code;
  SanitizedText message;                     // May be empty.
  RunOutcome outcome = RunOutcome::kFailed;  // kFailed or kCancelled.
  // For callers that decide by a state they read: when an active run has another state by now, the command is refused
  // with "run.changed".
  std::optional<ExpectedRunState> seen = {};
  std::optional<SanitizedText> initiator = {};  // Who ends the run.
};

// Closes the run's open attempt as lost if its lease has run out, as the start of another attempt would.
struct ExpireLease {
  RunId run;
};

// Starts attempt `next` for a worker that claimed any due run. When the run is no longer queued for that attempt, the
// command is refused with "claim.lost" and not recorded as a duplicate.
struct ClaimRun {
  RunId run;
  AttemptNumber next;
  SanitizedText worker;
  ContentDigest claim;                 // The digest of the claim, so that a repeated claim gets the same run again.
  std::optional<Duration> lease = {};  // As in StartAttempt.
};

// Takes over a run that a journal left open, if its identity is free and an attempt is left. It is answered like the
// request of a run. Codes: "run.not_found", "run.completed", "adopt.not_open", "adopt.identity_held" and
// "attempt.exhausted".
struct AdoptRun {
  RunId run;
};

// An attempt that was made while the ledger could not be reached.
struct SpooledAttempt {
  Time started_at;
  Time ended_at;                                        // For a lost attempt, when its lease ran out.
  AttemptOutcome outcome = AttemptOutcome::kSucceeded;  // kLost: its process was killed, and its end is not known.
  Counts summary_counts = {};
  std::vector<FailureNote> failures = {};
  bool retryable = true;
};

// Records a run that was requested, carried out and ended while the ledger could not be reached: all of it, in one
// step. It has its own times, like a line of a journal, as far as they are not after the ledger's. A run that is known
// by its id is answered as before, so telling it again is safe for ever. Nothing is refused for what the ledger would
// have answered at the time, because the work was done. A run that duplicates another one is recorded as late
// ("spool.late_work"): its own identity then holds nothing, and it has no effect on other runs.
struct RecordSpooledRun {
  RequestRun request;  // Named.
  SanitizedText worker;
  Time requested_at;
  std::vector<SpooledAttempt> attempts;  // 1 to Policy::kAttemptsMax; all before the last one have failed.
  bool cancelled = false;                // The run was cancelled after its last attempt, which had failed.
};

using Command = std::variant<RequestRun, StartAttempt, StartByIdentity, Heartbeat, FinishAttempt, FailRun, ExpireLease,
                             ClaimRun, AdoptRun, RecordSpooledRun>;

// A command, with the fields that every command may have.
struct Submission {
  Command command;
  std::optional<CommandId> id = {};  // Makes it repeatable: the same id gets the same answer for kCommandMemory.
  // Names the process that sent a start. Starts with one id are the same command only if their starters are the same.
  // At most kStarterCharactersMax characters; other commands ignore it.
  std::optional<std::string> starter = {};
  std::optional<Time> occurred_at = {};        // When it happened, according to the client. Required when imported.
  std::shared_ptr<JournalImport> import = {};  // Not null for a line of a journal.
  // The catalog with which a request was prepared, so that it is decided under the same. Null for others.
  std::shared_ptr<const Catalog> rules = {};
  // The program itself sent the command, possibly too early: CommitReport counts it only when it had an effect.
  bool is_internal = false;
  Caller caller = {};

  // A spooled run has times of its own, like a journal.
  [[nodiscard]] Origin origin() const {
    return import || std::holds_alternative<RecordSpooledRun>(command) ? Origin::kImported : Origin::kLive;
  }
};

inline constexpr std::size_t kStarterCharactersMax = 200;

// How long the ledger remembers the answer to a command id.
inline constexpr Duration kCommandMemory = std::chrono::hours(24);

}  // namespace runledger
