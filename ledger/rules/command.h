// The commands that the sequencer carries out, and the ledger's answers to them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ledger/base/enum_words.h"
#include "ledger/rules/event.h"
#include "ledger/rules/policy_bounds.h"

namespace runledger {

struct JournalImport;

// Tells a caller that something was left out of what it asked, although the ledger carried the rest out.
struct Warning {
  std::string code;  // One of the stable codes of docs/codes.md.
  std::string path;  // The member that it concerns, such as "labels".
  friend bool operator==(const Warning&, const Warning&) = default;
};
inline constexpr std::size_t kWarningsMax = 32;  // In one reply; further ones are not told.

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

using Command = std::variant<RequestRun, StartAttempt, StartByIdentity, Heartbeat, FinishAttempt, FailRun, ExpireLease,
                             ClaimRun, AdoptRun>;

// A command, with the fields that every command may have.
struct Submission {
  Command command;
  std::optional<CommandId> id = {};  // Makes it repeatable: the same id gets the same answer for kCommandMemory.
  // Names the process that sent a start. Starts with one id are the same command only if their starters are the same.
  // At most kStarterCharactersMax characters; other commands ignore it.
  std::optional<std::string> starter = {};
  std::optional<Time> occurred_at = {};        // When it happened, according to the client. Required when imported.
  std::shared_ptr<JournalImport> import = {};  // Not null for a line of a journal.
  // The program itself sent the command, possibly too early: CommitReport counts it only when it had an effect.
  bool is_internal = false;
  Caller caller = {};

  [[nodiscard]] Origin origin() const { return import ? Origin::kImported : Origin::kLive; }
};

inline constexpr std::size_t kStarterCharactersMax = 200;

// How long the ledger remembers the answer to a command id.
inline constexpr Duration kCommandMemory = std::chrono::hours(24);

// The result of a command.
enum class Verdict : std::uint8_t {
  kRequested,  // A new run, or one that was taken over from a journal.
  kDeduped,    // Answered with an existing run; see rule.
  kStarted,    // A new attempt.
  kSkipped,    // The worker must not do the work; see rule.
  kFinished,   // The attempt's end was applied to its run.
  kLate,       // The attempt's end was recorded without effect.
  kFailed,     // The run was failed, without the end of an attempt.
  kAlive,      // The lease has time left (retry_after): it was extended, or it has not run out.
  kExpired,    // The lease had run out, and the attempt was closed as lost.
  kCancelled,  // The run was cancelled.
};
template <>
inline constexpr auto kEnumWords<Verdict> = enum_words<Verdict>({
    {Verdict::kRequested, "requested"},
    {Verdict::kDeduped, "deduped"},
    {Verdict::kStarted, "started"},
    {Verdict::kSkipped, "skipped"},
    {Verdict::kFinished, "finished"},
    {Verdict::kLate, "late"},
    {Verdict::kFailed, "failed"},
    {Verdict::kAlive, "alive"},
    {Verdict::kExpired, "expired"},
    {Verdict::kCancelled, "cancelled"},
});

// The answer to a command that the ledger carried out. Fields that a verdict does not use are empty or zero.
struct Reply {
  Verdict verdict = Verdict::kRequested;
  std::optional<DedupeRule> rule = {};       // With kDeduped and kSkipped.
  RunId run;                                 // The canonical run.
  AttemptNumber attempt = {};                // Zero when the answer is not about an attempt.
  ScopeSequence token = {};                  // The token of the attempt, with kStarted.
  std::optional<Duration> retry_after = {};  // When it is worth asking again; with kAlive, when the lease runs out.
  Sequence sequence;                         // The last event that this answer rests on; zero for kAlive.
  RunStatus status = RunStatus::kQueued;     // The status of the run after the command.
  RunOutcome outcome = RunOutcome::kPending;  // The outcome of the run after the command.
  // True when nothing was appended, because the command had been carried out before, or because the start was skipped
  // for the same reason a short time ago.
  bool repeated = false;
  std::uint32_t events = 0;  // How many events the command appended.
  std::vector<Warning> warnings = {};
  std::optional<Duration> lease = {};  // How long the attempt lives without a heartbeat; of a start or heartbeat only.
  friend bool operator==(const Reply&, const Reply&) = default;
};

// The write path broke before the command was known to be durable: it may or may not survive. The caller asks again
// with the same command id.
struct UnknownOutcome {
  std::string what;
};

using Answer = std::variant<Reply, Rejection, UnknownOutcome>;

}  // namespace runledger
