// Rebuilds the mirror: folds the log beside the live table, and writes only the differences.
//
// Mirror::rebuild() does everything in one transaction, so readers see the tables either before or after it:
// 1. It locks both tables against writers, but not against readers. A dry run takes no lock.
// 2. It checks that the checkpoint is still the one that the session knows.
// 3. It chooses the position to compare at. A mirror that can be followed is compared at its own checkpoint, because
//    rows that merely lag have not drifted. Any other is compared at the end of the log.
// 4. It compares the rows with the fold (mirror_compare.h), and has Postgres compute tables of the differences.
// 5. It counts the differences for the report, writes the right rows in place of the wrong ones, and sets the
//    checkpoint.
//
// An empty table takes a shorter way, that of a first follow: mirror_fill.cc.
//
// A lost connection is not retried here. After a lost COMMIT the second try would find a right table and report no
// drift, so the caller gets the failure instead. Events that were appended during the rebuild are written by catch_up()
// at the end, after the row cache, which may hold rows of another position, was cleared.
#include <pqxx/result>
#include <pqxx/transaction>

#include "ledger/base/assert.h"
#include "ledger/base/failure.h"
#include "ledger/log/history.h"
#include "projections/postgres/mirror.h"
#include "projections/postgres/mirror_compare.h"
#include "projections/postgres/mirror_fill.h"
#include "projections/postgres/mirror_rows.h"
#include "projections/postgres/mirror_session.h"

namespace runledger {
namespace {

// Where the differences of a table are staged.
std::string drift_of(const MirrorTable& table) {
  return std::string("pg_temp.") + table.name + "_drift";
}

// Stages the differences of a table whose suspects are staged, and counts them.
RebuildReport stage_drift(pqxx::transaction_base& transaction, const MirrorTable& table) {
  RebuildReport report;
  transaction.exec0(std::string("analyze ") + table.fold);
  transaction.exec0(std::string("analyze ") + table.suspects);
  transaction.exec0("create temporary table " + drift_of(table) + " on commit drop as " + select_differences(table));
  for (const pqxx::row& row :
       transaction.exec("select difference, count(*) from " + drift_of(table) + " group by difference")) {
    const std::string difference = row[0].as<std::string>();
    const auto count = row[1].as<std::uint64_t>();
    (difference == "missing" ? report.inserted : difference == "extra" ? report.deleted : report.updated) = count;
  }
  report.drifted = report.inserted + report.updated + report.deleted;
  return report;
}

MirrorRebuildReport compare(pqxx::transaction_base& transaction, const MirrorOptions& options, const EventLog& log,
                            Sequence to, const Progress& progress) {
  make_compare_tables(transaction, true);
  SessionBeside beside(options, transaction);
  const ComparedRows compared = stage_suspects(transaction, beside, log, to, progress);
  MirrorRebuildReport report{stage_drift(transaction, runs_table()), stage_drift(transaction, attempts_table())};
  report.scanned = compared.folded;
  report.attempts.scanned = compared.folded_attempts;
  return report;
}

// Of an empty mirror, whose rows are all missing.
MirrorRebuildReport filled_report(const FilledRows& filled) {
  const auto all = [](std::uint64_t rows) { return RebuildReport{.scanned = rows, .drifted = rows, .inserted = rows}; };
  return {all(filled.runs), all(filled.attempts)};
}

// Someone may have changed the checkpoint by hand since it was read.
void check_standing(pqxx::transaction_base& transaction, const std::optional<MirrorCheckpoint>& standing) {
  const std::optional<MirrorCheckpoint> found = read_checkpoint(transaction);
  if (found != standing)
    throw Failure(Remedy::kRetryLater, "mirror.busy",
                  "the mirror's checkpoint: expected it to stand still, found it moved: another projector is at work");
}

// The tree over the events up to the checkpoint. Where an older program wrote the checkpoint, it is that of this log,
// because a rebuild makes the rows those of this log.
MerkleFrontier standing_tree(const MirrorSession& session) {
  if (const std::optional<MerkleFrontier> tree = tree_of(*session.standing)) return *tree;
  return extend_tree(session.log.store(), {}, session.standing->sequence);
}

}  // namespace

// Rows that merely lag have not drifted: a mirror that can be followed is compared at its own checkpoint and catches up
// afterwards. An empty table is filled directly, with nothing to compare.
MirrorRebuildReport Mirror::rebuild(bool dry_run, const Progress& progress) {
  RUNLEDGER_ASSERT(session_->opened);
  MirrorSession& session = *session_;
  session.persist([] {}, session.give_up_after_timeout());
  const bool followed = session.standing && session.standing->revision == OperationRun::kRevision;
  MirrorRebuildReport report;
  MirrorCheckpoint target;
  session.cache.clear();
  try {
    session.connection->guarded([&](pqxx::connection_base& raw) {
      pqxx::work transaction(raw);
      if (!dry_run) lock_rows(transaction);
      check_standing(transaction, session.standing);
      const bool empty = is_empty(transaction);
      const bool filled = !dry_run && can_fill(transaction);
      target =
          checkpoint_after(session.ledger_id(), followed && !empty ? standing_tree(session) : session.log.head().tree);
      if (filled) {
        report = filled_report(fill_empty(transaction, session.log, target.sequence, session.cache, progress));
      } else {
        report = compare(transaction, session.options, session.log, target.sequence, progress);
      }
      if (dry_run) return;
      for (const MirrorTable* table : {&runs_table(), &attempts_table()})
        if (!filled) write_differences(transaction, *table, drift_of(*table));
      put_checkpoint(transaction, target);
      transaction.commit();
    });
  } catch (const Failure&) {
    session.cache.clear();
    session.connection.reset();  // Not retried: the changes of a lost COMMIT could not be reported.
    throw;
  }
  if (dry_run) return report;
  session.standing = target;
  session.publish_checkpoint();
  session.catch_up(session.log.last(), progress);
  return report;
}

}  // namespace runledger
