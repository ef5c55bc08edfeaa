// The checkpoints that `verify` compares a ledger with, wherever they were kept.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "ledger/evidence/checkpoint.h"
#include "ledger/log/event_log.h"
#include "projections/postgres/checkpoint_table.h"
#include "projections/verify/report.h"

namespace runledger {

struct KeptCheckpoint {
  std::string place;  // For people, such as the name of a file.
  Checkpoint checkpoint;
  bool is_own;  // Whether this ledger has the key by which it is signed, or one that was rotated to or from it.
};

// Whether one of `keys` is among those of the ledger in `directory`. Throws as audit_keys() does.
[[nodiscard]] bool has_key_of(const std::filesystem::path& directory, std::span<const NoteVerifier> keys);

// Opens checkpoints that were stored beside the mirror of a ledger, each with the key that is stored with it. Findings:
// "checkpoint.other_key" when that key is none of `trusted`, unless there are none, and the code of open_checkpoint()
// or "key.invalid" for a line that is no checkpoint of its key.
[[nodiscard]] std::vector<KeptCheckpoint> open_stored(const std::vector<StoredCheckpoint>& stored,
                                                      const std::vector<NoteVerifier>& trusted,
                                                      const std::filesystem::path& directory, VerifyReport& report);

// Sets report.checkpoints, if there are any. A proof leads from each to the root of the log, which verify_ledger() has
// compared with the events; the tree of scopes that it names is derived again. Findings: "checkpoint.ahead",
// "checkpoint.other_history", "checkpoint.other_scopes", "checkpoint.not_compared".
//
// Returns how many trees of scopes were not derived: those that another ledger has signed. A copy of its log with
// another id or identity key has other trees of scopes.
[[nodiscard]] std::size_t compare_checkpoints(const EventLog& log, const std::vector<KeptCheckpoint>& checkpoints,
                                              VerifyReport& report);

}  // namespace runledger
