// Keeps Postgres table operation_runs equal to the fold of the log: at every instant, operation_runs =
// fold(events 1..checkpoint).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "ledger/event_log.h"
#include "projections/row_store.h"
#include "projections/verify.h"

namespace runledger {

struct MirrorOptions {
  std::string dsn;  // A libpq connection string. Never logged: it may hold a password.
  std::string schema = "public";
  std::size_t events_per_batch_max = 5000;
  std::chrono::milliseconds reconnect_delay_min{100};     // Doubles at every failure in a row,
  std::chrono::milliseconds reconnect_delay_max{10'000};  // up to this.
};

// One projector per mirror: it holds an advisory lock, and moves the checkpoint by compare-and-set in the transaction
// that writes the rows. Not for several threads at once.
// Throws Failure: "mirror.other_ledger", "mirror.ahead" (of the log), "mirror.busy" (another projector),
// "mirror.newer_schema", "mirror.other_revision" (rebuild it), "mirror.unreachable" (after the connection could not be
// made within the caller's patience), "mirror.failed".
class Mirror {
 public:
  // `log` is not owned and must outlive it. Does not connect yet.
  Mirror(EventLog& log, MirrorOptions options);
  ~Mirror();

  // Connects (keeps trying for `patience`), migrates, takes the lock, checks that the mirror is this ledger's.
  void open(std::chrono::milliseconds patience);

  // Folds and writes until the mirror stands at log.last(); reconnects as needed. Gives back its checkpoint.
  Sequence catch_up(const Progress& progress = {});

  // Follows the log until `stop` says so; asked at least every 200 ms.
  void follow(const std::function<bool()>& stop);

  // Stages the fold of the log beside the live table by COPY, compares, and applies the difference and the checkpoint
  // in one transaction, so that readers never see a half table. With `dry_run` nothing changes.
  RebuildReport rebuild(bool dry_run, const Progress& progress = {});

  // Compares every row with the fold at the mirror's own checkpoint, and fills in report.mirror_rows. Needs no lock.
  void verify(VerifyReport& report, const Progress& progress = {});

 private:
  struct Content;
  std::unique_ptr<Content> content_;
};

}  // namespace runledger
