// Compares a mirror with the log, row by row and byte by byte.
#pragma once

#include <memory>

#include "ledger/log/event_log.h"
#include "projections/postgres/mirror.h"
#include "projections/verify/verify.h"

namespace runledger {

// What a mirror holds at one moment. Takes it over a connection of its own, without the projector's lock, so that a
// projector may go on meanwhile; writes nothing but a temporary table. For one thread.
class MirrorSnapshot {
 public:
  // As it stands now: a log that is read from later on is never behind it. Throws Failure as Mirror does, and does not
  // wait for a server that is away.
  explicit MirrorSnapshot(const MirrorOptions& options);
  ~MirrorSnapshot();
  MirrorSnapshot(const MirrorSnapshot&) = delete;
  MirrorSnapshot& operator=(const MirrorSnapshot&) = delete;

  // Compares every row with the fold at the mirror's own checkpoint, and fills in report.mirror_rows. Findings:
  // "mirror.row_differs", "mirror.row_missing", "mirror.row_extra", "mirror.schema_differs",
  // "mirror.checkpoint_missing", and where rows cannot be compared "mirror.other_ledger", "mirror.ahead",
  // "mirror.other_revision", "mirror.not_compared" (the log is damaged). At most once.
  void compare(const EventLog& log, VerifyReport& report, const Progress& progress = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
