// The asks of a caller to the ledger, in the caller's own terms, and how each becomes a command.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "ledger/rules/command.h"

namespace runledger {

class Catalog;
struct IdentityKey;

// Asks for a run. A caller that is bound to a workspace or tenant may leave that out.
struct RunRequest {
  std::optional<Workspace> workspace;
  std::optional<Tenant> tenant;
  RunType type;
  RunInput input;
  std::optional<RunId> run = {};  // The id of a new run; random when absent.
  std::optional<SanitizedText> initiator = {};
  bool force = false;                  // Skips the cooldown, never the active-run rule.
  std::optional<RunId> rerun_of = {};  // The completed run of the same scope that this one repeats.
  std::optional<RunId> parent = {};    // The run that led to this one.
  Labels labels = {};
  // As the caller sent it. One that is not valid is left out, with the warning "traceparent.invalid", as the standard
  // asks.
  std::optional<std::string> traceparent = {};
  PolicyChanges policy = {};
};

// Requests and starts a run in one step, for a worker that has only its input. The answer is kStarted for a new run, or
// for the run that was queued for this identity; otherwise it is kSkipped, and the worker must not do the work.
struct IdentityStart {
  RunRequest request;
  SanitizedText worker;
  std::optional<Duration> lease = {};  // As in StartAttempt, and so is the next one.
  bool respect_not_before = false;
};

// Cancels a run, whether it is queued or running. A completed run is refused with "run.completed", unless the same
// cancellation completed it.
struct CancelRun {
  RunId run;
  SanitizedText message;  // May be empty.
  std::optional<SanitizedText> initiator = {};
};

// Records a run that was carried out while the ledger could not be reached: RecordSpooledRun in the caller's terms.
// Changes of the policy that the type does not allow are left out with the warning "request.dropped".
struct SpooledRun {
  RunRequest request;  // With the id of the run.
  SanitizedText worker;
  Time requested_at;
  std::vector<SpooledAttempt> attempts;
  bool cancelled = false;
};

// An ExpireLease closes the run's open attempt if its lease has run out, as the reaper does. Its answer is kExpired, or
// kAlive with the time that is left.
using Ask = std::variant<RunRequest, StartAttempt, IdentityStart, Heartbeat, FinishAttempt, FailRun, CancelRun,
                         ExpireLease, SpooledRun>;

// Options that a caller may add to an ask. Heartbeat, ExpireLease and SpooledRun are safe to repeat without them, and
// ignore both.
struct CommandOptions {
  std::optional<CommandId> id = {};  // Makes the ask repeatable: the same id gets the same answer for kCommandMemory.
  std::optional<Time> occurred_at = {};  // When it happened, according to the caller.
  // Names the process that sends a start or a claim, at most kStarterCharactersMax characters. With the same id, only
  // the same starter gets the same answer, so a text that is random for each process keeps two processes from both
  // believing that they started the run. Other asks ignore it.
  std::optional<std::string> starter = {};
};

// Returns a random starter for a process that begins.
[[nodiscard]] std::string random_starter();

// Refuses with "starter.invalid" a text that is empty, too long, or not UTF-8.
[[nodiscard]] Result<std::string> parse_starter(std::string_view text);

// Adds the identity under `key`, and the policy that `catalog` has for the type. Refuses with "workspace.required" and,
// depending on the type's scope, with "tenant.required" or "tenant.not_allowed", and with "policy.out_of_bounds".
[[nodiscard]] Result<RequestRun> prepare_request(RunRequest request, const IdentityKey& key, const Catalog& catalog);

// Returns the command for an ask, ready for the sequencer. Refuses with the same codes as prepare_request(), and with
// "spool.invalid" a spooled run without an id, or whose attempts cannot have followed each other.
[[nodiscard]] Result<Submission> prepare(Ask ask, const CommandOptions& options, const IdentityKey& key,
                                         const Catalog& catalog);

}  // namespace runledger
