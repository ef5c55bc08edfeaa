// Reads one line of ledger_projections, and the newest of ledger_checkpoints.
#include "projections/postgres/mirror_mark.h"

#include <pqxx/result>
#include <pqxx/transaction>

#include "ledger/base/failure.h"
#include "projections/postgres/checkpoint.h"
#include "projections/postgres/mirror_schema.h"

namespace runledger {

namespace {

struct Found {
  std::optional<MirrorCheckpoint> checkpoint;
  Sequence signed_size;
  std::vector<StoredCheckpoint> newer;
};

// Not every version of the program stores signed checkpoints. Their signatures are not checked, since the key may have
// been replaced after the backup. A forged one can make the numbers of scopes move on further, and append_restored()
// refuses one that names more events than a ledger can have.
void read_signed(pqxx::transaction_base& transaction, LedgerId ledger, Sequence last, Found& found) {
  if (transaction.exec1("select to_regclass('ledger_checkpoints') is null")[0].as<bool>()) return;
  const pqxx::row row = transaction.exec_params1(
      "select coalesce(max(size), 0) from ledger_checkpoints where ledger_id::text = $1", format_uuid(ledger.value));
  found.signed_size = Sequence{static_cast<std::uint64_t>(row[0].as<long long>())};
  found.newer = read_checkpoints_after(transaction, ledger, last);
}

}  // namespace

std::optional<MirrorMark> read_mirror_mark(const MirrorOptions& options, const EventLog& log) {
  const auto connection = connect_to_mirror(options, log.store().ledger_id(), PostgresUse::kRead);
  const Found found = connection->guarded([&log](pqxx::connection_base& raw) {
    pqxx::read_transaction transaction(raw);
    Found read{.checkpoint = read_checkpoint(transaction), .signed_size = {}, .newer = {}};
    read_signed(transaction, log.store().ledger_id(), log.last(), read);
    return read;
  });
  if (!found.checkpoint && found.signed_size == Sequence{}) return std::nullopt;
  MirrorMark mark{.schema = connection->schema(),
                  .checkpoint = {},
                  .signed_size = found.signed_size,
                  .newer = found.newer,
                  .code = {},
                  .what = {}};
  if (!found.checkpoint) return mark;
  mark.checkpoint = found.checkpoint->sequence;
  try {
    check_belongs(*found.checkpoint, log);
  } catch (const Failure& failure) {
    if (!failure.code().starts_with("mirror.")) throw;
    mark.code = failure.code();
    mark.what = failure.what();
  }
  return mark;
}

std::optional<MirrorRemains> read_mirror_remains(const MirrorOptions& options, LedgerId ledger) {
  const auto connection = connect_to_mirror(options, ledger, PostgresUse::kRead);
  MirrorRemains remains;
  remains.schema = connection->schema();
  const auto checkpoint = connection->guarded([&](pqxx::connection_base& raw) {
    pqxx::read_transaction transaction(raw);
    if (!transaction.exec1("select to_regclass('ledger_checkpoints') is null")[0].as<bool>())
      remains.stored = read_checkpoints_after(transaction, ledger, Sequence{0});
    return read_checkpoint(transaction);
  });
  if (!checkpoint && remains.stored.empty()) return std::nullopt;
  if (!checkpoint) return remains;
  remains.is_of_other_ledger = checkpoint->ledger != format_uuid(ledger.value);
  if (remains.is_of_other_ledger) return remains;
  remains.checkpoint = checkpoint->sequence;
  remains.tree = tree_of(*checkpoint);
  return remains;
}

}  // namespace runledger
