// What can be asked of the ledger, and how it answers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ledger/rules/event.h"

namespace runledger {

struct JournalImport;

// Asks for a run. `run` is the id that a new run gets: chosen by the caller when `named`, random otherwise.
// Built by prepare_request() (ledger/rules/ask.h), which computes the identity and looks up the policy.
struct RequestRun {
  RunId run;
  bool named = false;
  Scope scope;
  RunType type;
  Identity identity;
  RunInput input;
  Policy policy;
  std::optional<SanitizedText> initiator;
  bool force = false;  // Skips the cooldown, never the active-run rule.
  std::optional<RunId> rerun_of;
};

struct StartAttempt {
  RunId run;
  SanitizedText worker;
  std::optional<AttemptKey> key;  // A journal's own name of the attempt.
};

// A worker that has only its input: request rules, then start rules, in one step.
struct StartByIdentity {
  RequestRun request;
  SanitizedText worker;
};

// An attempt as its worker names it: number and fencing token.
struct AttemptRef {
  AttemptNumber attempt;
  Sequence token;
};

struct Heartbeat {
  RunId run;
  AttemptRef attempt;
};

struct FinishAttempt {
  RunId run;
  std::variant<AttemptRef, AttemptKey> attempt;
  AttemptOutcome outcome = AttemptOutcome::kSucceeded;  // Any but kLost.
  Counts summary_counts;
  std::vector<FailureNote> failures;
  bool retryable = true;
};

// How a run stood when somebody looked at it.
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
  // For whoever decides by what it saw: where an active run stands otherwise by now, it is left alone ("run.changed").
  std::optional<ExpectedRunState> seen = {};
};

// Closes the run's open attempt as lost if its lease has run out, as the start of another would.
struct ExpireLease {
  RunId run;
};

// The start of attempt `next` for somebody who asked for any work. Refused, and not recorded as a duplicate, when the
// run is no longer queued for that attempt: "claim.lost".
struct ClaimRun {
  RunId run;
  AttemptNumber next;
  SanitizedText worker;
  ContentDigest order;  // Of what was asked for: a repeat of the claim means the run that it got before.
};

using Command =
    std::variant<RequestRun, StartAttempt, StartByIdentity, Heartbeat, FinishAttempt, FailRun, ExpireLease, ClaimRun>;

// A command with what comes with every command.
struct Submission {
  Command command;
  std::optional<CommandId> id;      // Makes it repeatable: the same id is answered the same, for kCommandMemory.
  std::optional<Time> occurred_at;  // When it happened, as the client knows it. Required when imported.
  std::shared_ptr<JournalImport> import = {};  // Not null: the line of a journal.
  bool is_internal =
      false;  // The program asks by itself, in case it is time: CommitReport counts only what came of it.

  [[nodiscard]] Origin origin() const { return import ? Origin::kImported : Origin::kLive; }
};

// How long the answer to a command id is remembered.
inline constexpr Duration kCommandMemory = std::chrono::hours(24);

// What became of a command.
enum class Verdict : std::uint8_t {
  kRequested,  // A new run.
  kDeduped,    // Answered with the run that is there; see rule.
  kStarted,    // A new attempt.
  kSkipped,    // The worker must not do the work; see rule.
  kFinished,   // The attempt's end applied to its run.
  kLate,       // The attempt's end was recorded without effect.
  kFailed,     // The run ended without an attempt's end.
  kAlive,      // The lease has time left (retry_after): it was extended, or has not run out.
  kExpired,    // The lease had run out: the attempt is lost.
};

struct Reply {
  Verdict verdict = Verdict::kRequested;
  std::optional<DedupeRule> rule;       // With kDeduped and kSkipped. A skipped worker whose run just failed has none.
  RunId run;                            // The run that counts: the canonical one.
  AttemptNumber attempt;                // Zero where none is meant.
  Sequence token;                       // With kStarted.
  std::optional<Duration> retry_after;  // When it would be worth asking again; with kAlive: when the lease runs out.
  Sequence sequence;                    // Of the last event that this answer rests on; zero for kAlive.
  RunStatus status = RunStatus::kQueued;      // Of the run, after it.
  RunOutcome outcome = RunOutcome::kPending;  // Of the run, after it.
  bool repeated = false;                      // Nothing was appended: it had been carried out before.
  std::uint32_t events = 0;                   // How many were appended for it.
  friend bool operator==(const Reply&, const Reply&) = default;
};

// The write path broke while the command was on it: it may or may not survive. Ask again with the same id.
struct UnknownOutcome {
  std::string what;
};

using Answer = std::variant<Reply, Rejection, UnknownOutcome>;

[[nodiscard]] std::string_view to_string(Verdict verdict);  // "requested", "deduped", "started", "skipped", …

}  // namespace runledger
