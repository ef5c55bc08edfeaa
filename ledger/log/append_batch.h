// What one group commit writes: events, the states that they lead to, and the answers to commands.
#pragma once

#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "ledger/log/merkle.h"
#include "ledger/rules/event.h"
#include "ledger/rules/lease.h"
#include "ledger/rules/run.h"

namespace runledger {

// The answer to a command, kept so that a repeat is answered the same.
struct CommandRecord {
  ContentDigest content;  // Of the command; tells a repeat from a reuse of the id.
  Time answered_at;       // The ledger's clock.
  std::variant<Reply, Rejection> answer;
  friend bool operator==(const CommandRecord&, const CommandRecord&) = default;
};

// Where the log ends.
struct Head {
  Sequence sequence;
  Time recorded_at;
  MerkleFrontier tree;  // Over the stored bytes of every event.
};

// Everything that one group commit writes, atomically.
struct AppendBatch {
  std::vector<Envelope> events;
  std::vector<std::pair<RunId, RunState>> runs;
  std::vector<std::pair<Identity, IdentityState>> identities;
  std::vector<std::pair<CommandId, CommandRecord>> commands;
  std::vector<std::pair<RunId, std::optional<LifeSign>>> life_signs;  // Absent: none is needed any more.
};

}  // namespace runledger
