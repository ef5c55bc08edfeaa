// The contents of one append: the events, the states that follow from them, and the answers to commands.
//
// CommitGroup (ledger/commit_group.h) builds a batch, and EventLog::append() writes it.
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

// The stored answer to a command, so that a repeated command gets the same answer. Compaction drops records that are
// older than kCommandMemory (ledger/rules/command.h).
struct CommandRecord {
  ContentDigest content;  // The command's digest; distinguishes a repeat from another command under the same id.
  Time answered_at;       // By the ledger's clock.
  std::variant<Reply, Rejection> answer;
  friend bool operator==(const CommandRecord&, const CommandRecord&) = default;
};

// The end of the log. It is stored with every append that has events. An empty log has a default head.
struct Head {
  Sequence sequence;    // The last event.
  Time recorded_at;     // When the last event was recorded.
  MerkleFrontier tree;  // The leaves are the stored bytes of all events, in order.
};

// The store writes the whole batch atomically, or nothing of it. States, records and life signs replace the stored
// values under the same keys; when a key occurs twice in the batch, the later entry wins.
struct AppendBatch {
  std::vector<Envelope> events;
  std::vector<std::pair<RunId, RunState>> runs;
  std::vector<std::pair<Identity, IdentityState>> identities;
  std::vector<std::pair<CommandId, CommandRecord>> commands;
  std::vector<std::pair<RunId, std::optional<LifeSign>>> life_signs;  // Absent: the stored life sign is removed.
};

}  // namespace runledger
