// Reads and moves the mirror's line of ledger_projections.
#include "projections/postgres/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <pqxx/result>
#include <vector>

#include "ledger/base/assert.h"
#include "ledger/base/failure.h"
#include "ledger/log/history.h"
#include "projections/folds/operation_run_attempt.h"

namespace runledger {
namespace {

constexpr const char* kMirrorName = OperationRun::kName.data();  // A literal, so it ends in a zero byte.

}  // namespace

std::optional<MirrorCheckpoint> read_checkpoint(pqxx::transaction_base& transaction) {
  // A query on a missing table would abort the transaction, so the catalog is asked first.
  if (transaction.exec1("select to_regclass('ledger_projections') is null")[0].as<bool>()) return std::nullopt;
  // By way of JSON, because the table of an older program lacks columns.
  const pqxx::result found = transaction.exec_params(
      "select ledger_id, revision, checkpoint, to_jsonb(line) ->> 'roots', to_jsonb(line) ->> 'attempts_revision'"
      " from ledger_projections line where name = $1",
      kMirrorName);
  if (found.empty()) return std::nullopt;
  const pqxx::row row = found[0];
  return MirrorCheckpoint{row[0].as<std::string>(), row[1].as<int>(),
                          Sequence{static_cast<std::uint64_t>(row[2].as<long long>())},
                          row[3].is_null() ? std::nullopt : std::optional(row[3].as<std::string>()),
                          row[4].is_null() ? std::nullopt : std::optional(row[4].as<int>())};
}

MirrorCheckpoint checkpoint_after(LedgerId ledger, const MerkleFrontier& tree) {
  return {format_uuid(ledger.value), OperationRun::kRevision, Sequence{tree.size()}, format_roots(tree),
          OperationRunAttempt::kRevision};
}

bool has_attempts(const MirrorCheckpoint& checkpoint) {
  return checkpoint.attempts_revision == OperationRunAttempt::kRevision;
}

void move_checkpoint(pqxx::transaction_base& transaction, const MirrorCheckpoint& from, const MirrorCheckpoint& to) {
  RUNLEDGER_ASSERT(from.roots && to.roots && has_attempts(to));
  const pqxx::result moved = transaction.exec_params(
      "update ledger_projections set checkpoint = $1, roots = $2, attempts_revision = $8, updated_at = now()"
      " where name = $3 and checkpoint = $4 and roots = $5 and ledger_id = $6 and revision = $7",
      to.sequence.value, *to.roots, kMirrorName, from.sequence.value, *from.roots, from.ledger, from.revision,
      *to.attempts_revision);
  if (moved.affected_rows() != 1)
    throw Failure(Remedy::kRetryLater, "mirror.busy",
                  "the mirror's checkpoint: expected it at " + std::to_string(from.sequence.value) +
                      ", found it moved: another projector is at work");
}

void put_checkpoint(pqxx::transaction_base& transaction, const MirrorCheckpoint& checkpoint) {
  RUNLEDGER_ASSERT(checkpoint.roots && has_attempts(checkpoint));
  transaction.exec_params0(
      "insert into ledger_projections (name, revision, ledger_id, checkpoint, roots, attempts_revision, updated_at)"
      " values ($1, $2, $3, $4, $5, $6, now()) on conflict (name) do update"
      " set revision = excluded.revision, ledger_id = excluded.ledger_id, checkpoint = excluded.checkpoint,"
      " roots = excluded.roots, attempts_revision = excluded.attempts_revision, updated_at = excluded.updated_at",
      kMirrorName, checkpoint.revision, checkpoint.ledger, checkpoint.sequence.value, *checkpoint.roots,
      *checkpoint.attempts_revision);
}

std::optional<MerkleFrontier> tree_of(const MirrorCheckpoint& checkpoint) {
  if (!checkpoint.roots) return std::nullopt;
  std::optional<MerkleFrontier> tree = parse_tree(checkpoint.sequence.value, *checkpoint.roots);
  if (!tree)
    throw Failure(
        Remedy::kDamageFound, "mirror.other_history",
        fmt::format("the mirror's checkpoint: expected the roots of the tree of {} events, found another text",
                    checkpoint.sequence.value));
  return tree;
}

void check_belongs(const MirrorCheckpoint& checkpoint, const EventLog& log) {
  const std::string ledger = format_uuid(log.store().ledger_id().value);
  if (checkpoint.ledger != ledger)
    throw Failure(Remedy::kCorrectInput, "mirror.other_ledger",
                  "the mirror: expected that of ledger " + ledger + ", found that of ledger " + checkpoint.ledger);
  const Head head = log.head();
  if (checkpoint.sequence > head.sequence)
    throw Failure(Remedy::kDamageFound, "mirror.ahead",
                  "the mirror's checkpoint: expected " + std::to_string(head.sequence.value) +
                      " (the end of the log) or less, found " + std::to_string(checkpoint.sequence.value));
  const std::optional<MerkleFrontier> tree = tree_of(checkpoint);
  if (tree && !continues(log.store(), *tree, head))
    throw Failure(Remedy::kDamageFound, "mirror.other_history",
                  fmt::format("the mirror: expected the rows of the log's first {} events, found those of another "
                              "history of this ledger: an older copy of the ledger may have been put back",
                              checkpoint.sequence.value));
}

void check_revision(const MirrorCheckpoint& checkpoint) {
  if (checkpoint.revision != OperationRun::kRevision)
    throw Failure(Remedy::kCorrectInput, "mirror.other_revision",
                  "the mirror's rows: expected revision " + std::to_string(OperationRun::kRevision) + ", found " +
                      std::to_string(checkpoint.revision) + "; rebuild it");
}

void check_history_known(const MirrorCheckpoint& checkpoint) {
  if (!checkpoint.roots)
    throw Failure(Remedy::kCorrectInput, "mirror.other_revision",
                  "the mirror's checkpoint: expected the roots of the tree over its events, found none: an older "
                  "version wrote it; rebuild it");
}

}  // namespace runledger
