// What a mirror in Postgres says about how far its ledger had come.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ledger/log/event_log.h"
#include "projections/postgres/checkpoint_table.h"
#include "projections/postgres/mirror_options.h"

namespace runledger {

struct MirrorMark {
  std::string schema;    // Which has the mirror.
  Sequence checkpoint;   // How far the rows have come; zero when there are none.
  Sequence signed_size;  // The events of the largest signed checkpoint that is stored beside them; zero: none is.
  std::vector<StoredCheckpoint> newer;  // The stored checkpoints of more events than the log has.
  // Why the mirror does not go on with this log, as the projector would say it: "mirror.ahead", "mirror.other_history"
  // or "mirror.other_ledger", and a text. Empty when it does.
  std::string code;
  std::string what;
};

// Reads the mirror's checkpoint and compares it with the log. Changes nothing. Returns nullopt when the database knows
// nothing of this ledger. Throws Failure "mirror.unreachable", "mirror.failed" and others as PostgresConnection does.
[[nodiscard]] std::optional<MirrorMark> read_mirror_mark(const MirrorOptions& options, const EventLog& log);

// The same, for a ledger whose log cannot be opened.
struct MirrorRemains {
  std::string schema;
  bool is_of_other_ledger = false;       // The rows; `checkpoint` and `tree` then say nothing of this ledger.
  Sequence checkpoint;                   // How far the rows have come; zero when there are none.
  std::optional<MerkleFrontier> tree;    // Over the events of the rows; absent when the mirror does not say.
  std::vector<StoredCheckpoint> stored;  // The signed ones of this ledger.
};

// Reads both. Changes nothing. Returns nullopt, and throws, as read_mirror_mark() does.
[[nodiscard]] std::optional<MirrorRemains> read_mirror_remains(const MirrorOptions& options, LedgerId ledger);

}  // namespace runledger
