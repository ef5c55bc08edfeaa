// Keeps the tables operation_runs and operation_run_attempts in Postgres equal to the fold of the log: at every
// instant, they are the fold of events 1..checkpoint.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "ledger/log/event_log.h"
#include "projections/postgres/mirror_options.h"
#include "projections/rows/store.h"

namespace runledger {

class MirrorSession;

// The differences in operation_runs, and those in operation_run_attempts.
struct MirrorRebuildReport : RebuildReport {
  RebuildReport attempts;
};

// The projector of a mirror. A mirror has only one at a time: it holds an advisory lock, and moves the checkpoint by
// compare-and-set in the transaction that writes the rows. Not for several threads at once.
//
// Throws Failure:
//   "mirror.dsn_invalid", "mirror.schema_invalid"
//   "mirror.unreachable"     Postgres stayed away for longer than the timeout of the caller.
//   "mirror.other_ledger"    The mirror belongs to another ledger.
//   "mirror.ahead"           The checkpoint is past the end of the log.
//   "mirror.other_history"   The mirror was folded from other events than those of the log.
//   "mirror.busy"            Another projector is at work.
//   "mirror.newer_schema"    A newer program has migrated the tables.
//   "mirror.table_taken"     Another application has a table of a name that the mirror needs, in its schema.
//   "mirror.other_revision"  Another version of the program wrote the rows or the checkpoint: rebuild the mirror.
//   "mirror.drifted"         Someone changed the rows so that events cannot be written: rebuild the mirror.
//   "mirror.failed"          Postgres refused a statement.
// The transaction that failed has changed nothing, unless the connection was lost during its COMMIT.
class Mirror {
 public:
  // `log` is not owned and must outlive the mirror. `on_checkpoint` is called with each new checkpoint(), on the thread
  // that uses this object, and must not throw; it may be empty. Does not connect yet.
  using OnCheckpoint = std::function<void(Sequence)>;
  Mirror(EventLog& log, MirrorOptions options, OnCheckpoint on_checkpoint = {});
  ~Mirror();

  // Connects, takes the lock, migrates the tables, and checks that the mirror is of this log. Keeps trying for
  // `timeout`, here and whenever the connection is lost in catch_up() and rebuild().
  void open(std::chrono::milliseconds timeout);

  // The schema that has the mirror. Requires open().
  [[nodiscard]] std::string schema() const;

  // Folds and writes until the checkpoint reaches log.last() as it was at the call; reconnects as needed. Returns the
  // checkpoint. A mirror without rows is filled in one transaction if the log is longer than a batch. Requires open().
  Sequence catch_up(const Progress& progress = {});

  // The checkpoint as far as this object knows it; absent before open(). Any thread may ask.
  [[nodiscard]] std::optional<Sequence> checkpoint() const;

  // Follows the log until `stop` is requested, however often the connection is lost or tables are dropped; it looks for
  // dropped ones every MirrorOptions::look_every. After the request it returns at once when it waits for the log,
  // and within 100 ms when it waits to connect again. It gives up filling a mirror as long as it folds, and waits while
  // indexes are built. It does not interrupt Postgres while a batch is being written, nor an attempt to connect
  // (connect_timeout of the DSN, 5 s by default). Requires open().
  void follow(const std::stop_token& stop);

  // Compares the rows with the fold of the log, and applies the differences and the checkpoint in one transaction, so
  // that readers never see half a table; then catches up. The report counts
  // the differences from the fold at the checkpoint of the mirror, so rows that merely lag have not drifted. When the
  // mirror has no rows, or no checkpoint of this revision, it counts the differences from the fold of the whole log.
  // With `dry_run` nothing changes. Requires open().
  MirrorRebuildReport rebuild(bool dry_run, const Progress& progress = {});

 private:
  std::unique_ptr<MirrorSession> session_;
};

}  // namespace runledger
