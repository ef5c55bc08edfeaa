// The checkpoints that `verify` compares a ledger with, wherever they were kept.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
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

// The checkpoint that the ledger in `directory` has signed last; nullopt, too, for a user who may not read its key.
// Otherwise throws as last_checkpoint() does.
[[nodiscard]] std::optional<Checkpoint> newest_checkpoint(const std::filesystem::path& directory);

// Whether one of `keys` is among those of the ledger in `directory`. Throws as audit_keys() does.
[[nodiscard]] bool has_key_of(const std::filesystem::path& directory, std::span<const NoteVerifier> keys);

// Opens checkpoints that were stored beside the mirror of a ledger, each with the key that is stored with it. Findings:
// "checkpoint.other_key" when that key is none of `trusted`, unless there are none, and the code of open_checkpoint()
// or "key.invalid" for a line that is no checkpoint of its key.
[[nodiscard]] std::vector<KeptCheckpoint> open_stored(const std::vector<StoredCheckpoint>& stored,
                                                      const std::vector<NoteVerifier>& trusted,
                                                      const std::filesystem::path& directory, VerifyReport& report);

// Sets report.checkpoints, if there are any. A proof leads from each to the root of the log, which verify_ledger() has
// compared with the events; the keys that it names as erased are compared with those of the events; the tree of scopes
// that it names is derived again. Findings: "checkpoint.ahead", "checkpoint.other_history",
// "checkpoint.other_erasures", "checkpoint.other_scopes", "checkpoint.not_compared".
//
// The tree of scopes follows from the log, the id of the ledger and its identity key. A checkpoint that another ledger
// has signed names its id, unless that has an origin of its own; the tree is then derived as in that ledger. If another
// one follows, this ledger may just have another identity key. Returns how many trees are left open so.
[[nodiscard]] std::size_t compare_checkpoints(const EventLog& log, const std::vector<KeptCheckpoint>& checkpoints,
                                              VerifyReport& report);

}  // namespace runledger
