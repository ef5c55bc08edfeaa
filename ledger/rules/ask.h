// What a caller can ask of the ledger, in the caller's own words, and how that becomes a command.
#pragma once

#include <optional>
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
  std::optional<RunId> run;  // The id that a new run gets; absent: a random one.
  std::optional<SanitizedText> initiator;
  bool force = false;  // Skips the cooldown, never the active-run rule.
};

// For a worker that has only its input: request rules and start rules in one step. The answer is kStarted, of a new run
// or of the one that was queued for its identity; else kSkipped, and the worker must not do the work.
struct IdentityStart {
  RunRequest request;
  SanitizedText worker;
};

// Cancels a run in whatever state it is.
struct CancelRun {
  RunId run;
  SanitizedText message;  // May be empty.
};

// ExpireLease closes the run's open attempt if its lease has run out, as the reaper does; the answer is kExpired, or
// kAlive with the time that is left.
using Ask =
    std::variant<RunRequest, StartAttempt, IdentityStart, Heartbeat, FinishAttempt, FailRun, CancelRun, ExpireLease>;

// What may come with an ask. A Heartbeat and an ExpireLease can be repeated as they are, and ignore both.
struct CommandOptions {
  std::optional<CommandId> id;      // Makes it repeatable: the same id is answered the same, for kCommandMemory.
  std::optional<Time> occurred_at;  // When it happened, as the caller knows it.
};

// Adds the identity under `key`, and the policy that `catalog` has for the type. Codes: "workspace.required", and by
// the type's scope "tenant.required" and "tenant.not_allowed".
[[nodiscard]] Result<RequestRun> prepare_request(RunRequest request, const IdentityKey& key, const Catalog& catalog);

// The command that an ask stands for, ready for the sequencer. The same codes.
[[nodiscard]] Result<Submission> prepare(Ask ask, const CommandOptions& options, const IdentityKey& key,
                                         const Catalog& catalog);

}  // namespace runledger
