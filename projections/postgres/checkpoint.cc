// Reads and moves the mirror's line of ledger_projections.
#include "projections/postgres/checkpoint.h"

#include <pqxx/result>

#include "ledger/base/failure.h"
#include "projections/folds/operation_run.h"

namespace runledger {
namespace {

constexpr const char* kMirrorName = OperationRun::kName.data();  // A literal, so it ends in a zero byte.

}  // namespace

std::optional<MirrorCheckpoint> read_checkpoint(pqxx::transaction_base& transaction) {
  // A query on a missing table would abort the transaction, so the catalog is asked first.
  if (transaction.exec1("select to_regclass('ledger_projections') is null")[0].as<bool>()) return std::nullopt;
  const pqxx::result found = transaction.exec_params(
      "select ledger_id, revision, checkpoint from ledger_projections where name = $1", kMirrorName);
  if (found.empty()) return std::nullopt;
  const pqxx::row row = found[0];
  return MirrorCheckpoint{row[0].as<std::string>(), row[1].as<int>(),
                          Sequence{static_cast<std::uint64_t>(row[2].as<long long>())}};
}

void move_checkpoint(pqxx::transaction_base& transaction, LedgerId ledger, Sequence from, Sequence to) {
  const pqxx::result moved = transaction.exec_params(
      "update ledger_projections set checkpoint = $1, updated_at = now()"
      " where name = $2 and checkpoint = $3 and ledger_id = $4 and revision = $5",
      to.value, kMirrorName, from.value, format_uuid(ledger.value), OperationRun::kRevision);
  if (moved.affected_rows() != 1)
    throw Failure(Remedy::kRetryLater, "mirror.busy",
                  "the mirror's checkpoint: expected it at " + std::to_string(from.value) +
                      ", found it moved: another projector is at work");
}

void put_checkpoint(pqxx::transaction_base& transaction, LedgerId ledger, Sequence sequence) {
  transaction.exec_params0(
      "insert into ledger_projections (name, revision, ledger_id, checkpoint, updated_at)"
      " values ($1, $2, $3, $4, now()) on conflict (name) do update"
      " set revision = excluded.revision, ledger_id = excluded.ledger_id, checkpoint = excluded.checkpoint,"
      " updated_at = excluded.updated_at",
      kMirrorName, OperationRun::kRevision, format_uuid(ledger.value), sequence.value);
}

void check_belongs(const MirrorCheckpoint& checkpoint, LedgerId ledger, Sequence last) {
  if (checkpoint.ledger != format_uuid(ledger.value))
    throw Failure(Remedy::kCorrectInput, "mirror.other_ledger",
                  "the mirror: expected that of ledger " + format_uuid(ledger.value) + ", found that of ledger " +
                      checkpoint.ledger);
  if (checkpoint.sequence > last)
    throw Failure(Remedy::kDamageFound, "mirror.ahead",
                  "the mirror's checkpoint: expected " + std::to_string(last.value) +
                      " (the end of the log) or less, found " + std::to_string(checkpoint.sequence.value));
}

void check_revision(const MirrorCheckpoint& checkpoint) {
  if (checkpoint.revision != OperationRun::kRevision)
    throw Failure(Remedy::kCorrectInput, "mirror.other_revision",
                  "the mirror's rows: expected revision " + std::to_string(OperationRun::kRevision) + ", found " +
                      std::to_string(checkpoint.revision) + "; rebuild it");
}

}  // namespace runledger
