// Keeps Postgres table operation_runs equal to the fold of the log: at every instant, operation_runs =
// fold(events 1..checkpoint).
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "ledger/log/event_log.h"
#include "projections/postgres/mirror_options.h"
#include "projections/rows/store.h"

namespace runledger {

class MirrorSession;

// One projector per mirror: it holds an advisory lock, and moves the checkpoint by compare-and-set in the transaction
// that writes the rows. Not for several threads at once.
//
// Throws Failure: "mirror.dsn_invalid", "mirror.schema_invalid", "mirror.unreachable" (the caller's patience ran out),
// "mirror.other_ledger", "mirror.ahead" (of the log), "mirror.busy" (another projector), "mirror.newer_schema",
// "mirror.table_taken", "mirror.other_revision" and "mirror.drifted" (it was changed by somebody else so that events
// cannot be written; both: rebuild it), "mirror.failed" (Postgres refuses). What it threw for has changed nothing.
class Mirror {
 public:
  // `log` is not owned and must outlive it. Does not connect yet.
  Mirror(EventLog& log, MirrorOptions options);
  ~Mirror();

  // Connects, takes the lock, migrates, checks that the mirror is this ledger's. Keeps trying for `patience`, here and
  // whenever the connection is lost in catch_up() and rebuild().
  void open(std::chrono::milliseconds patience);

  // Folds and writes until the mirror stands at log.last(), as it was at the call; reconnects as needed. Gives back its
  // checkpoint. Requires open().
  Sequence catch_up(const Progress& progress = {});

  // Where it stands, as far as this object knows; absent before it has been opened. Any thread may ask.
  [[nodiscard]] std::optional<Sequence> checkpoint() const;

  // Follows the log until `stop` is requested, however often the connection is lost. It then returns at once where it
  // waits for the log and within 100 ms where it waits to connect again, but not while Postgres is carrying out a
  // batch, or while a connection is being made (connect_timeout of the DSN, 5 s by default). Requires open().
  void follow(const std::stop_token& stop);

  // Stages the fold of the log beside the live table by COPY, compares, and applies the difference and the checkpoint
  // in one transaction, so that readers never see a half table; then catches up. Drift is what differs from the fold at
  // the mirror's own checkpoint: rows that merely lag are not counted. Without a checkpoint of this revision, or
  // without rows, it is what differs from the fold of the whole log. With `dry_run` nothing changes. Requires open().
  RebuildReport rebuild(bool dry_run, const Progress& progress = {});

 private:
  std::unique_ptr<MirrorSession> session_;
};

}  // namespace runledger
