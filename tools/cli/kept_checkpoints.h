// The checkpoints that `verify` compares a ledger with, wherever they were kept.
#pragma once

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
};

// Opens checkpoints that were stored beside a mirror, each with the key that is stored with it. Findings:
// "checkpoint.other_key" when that key is none of `trusted`, unless there are none, and the code of open_checkpoint()
// or "key.invalid" for a line that is no checkpoint of its key.
[[nodiscard]] std::vector<KeptCheckpoint> open_stored(const std::vector<StoredCheckpoint>& stored,
                                                      const std::vector<NoteVerifier>& trusted, VerifyReport& report);

// Sets report.checkpoints, if there are any. A proof leads from each to the root of the log, which verify_ledger() has
// compared with the events. Findings: "checkpoint.ahead", "checkpoint.other_history", "checkpoint.not_compared".
void compare_checkpoints(const EventLog& log, const std::vector<KeptCheckpoint>& checkpoints, VerifyReport& report);

}  // namespace runledger
