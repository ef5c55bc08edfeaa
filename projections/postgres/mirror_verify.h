// Compares a mirror with the log, row by row and byte by byte.
#pragma once

#include <memory>
#include <vector>

#include "ledger/log/event_log.h"
#include "projections/postgres/checkpoint_table.h"
#include "projections/postgres/mirror.h"
#include "projections/verify/verify.h"

namespace runledger {

// The content of a mirror at one moment. It is read over a connection of its own, without the lock of the projector,
// which may go on at the same time. Writes nothing but temporary tables. For one thread.
class MirrorSnapshot {
 public:
  // Takes the snapshot now, so a log that is read later includes all events that the mirror holds. Throws Failure as
  // Mirror does, and does not wait for a server that is away.
  explicit MirrorSnapshot(const MirrorOptions& options);
  ~MirrorSnapshot();
  MirrorSnapshot(const MirrorSnapshot&) = delete;
  MirrorSnapshot& operator=(const MirrorSnapshot&) = delete;

  // Compares every row with the fold at the checkpoint of the mirror, and sets report.mirror_rows,
  // mirror_attempts and mirror_schema. Findings: "mirror.row_differs", "mirror.row_missing", "mirror.row_extra", the
  // same three with "attempt" in the place of "row", "mirror.schema_differs",
  // "mirror.checkpoint_missing"; and when rows cannot be compared "mirror.other_ledger", "mirror.ahead",
  // "mirror.other_history", "mirror.other_revision", "mirror.not_compared" (the log is damaged). Call it at most once.
  void compare(const EventLog& log, VerifyReport& report, const Progress& progress = {});

  // The signed checkpoints that are kept beside the mirror (projections/postgres/checkpoint_table.h); empty when the
  // schema cannot be read, and before compare().
  [[nodiscard]] const std::vector<StoredCheckpoint>& checkpoints() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
