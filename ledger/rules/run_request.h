// A run as a caller asks for it, and what may come with every command.
#pragma once

#include <optional>

#include "ledger/rules/command.h"

namespace runledger {

// Where the caller is bound to a workspace or tenant, it may leave that out.
struct RunRequest {
  std::optional<Workspace> workspace;
  std::optional<Tenant> tenant;
  RunType type;
  RunInput input;
  std::optional<RunId> run;  // The id that a new run gets; absent: a random one.
  std::optional<SanitizedText> initiator;
  bool force = false;  // Skips the cooldown, never the active-run rule.
};

// The same by a worker that begins with it at once.
struct IdentityStart {
  RunRequest order;
  SanitizedText worker;
};

struct CommandOptions {
  std::optional<CommandId> id;      // Makes it repeatable: the same id is answered the same, for kCommandMemory.
  std::optional<Time> occurred_at;  // When it happened, as the caller knows it.
};

}  // namespace runledger
