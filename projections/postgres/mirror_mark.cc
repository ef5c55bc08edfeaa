// Reads one line of ledger_projections, and the largest of ledger_checkpoints.
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
};

// Not every version of the program stores signed checkpoints. Their signatures are not checked, since the key may have
// been replaced after the backup. A forged one can make the numbers of scopes move on further, and append_restored()
// refuses one that names more events than a ledger can have.
Sequence largest_signed(pqxx::transaction_base& transaction, const std::string& ledger) {
  if (transaction.exec1("select to_regclass('ledger_checkpoints') is null")[0].as<bool>()) return {};
  const pqxx::row row = transaction.exec_params1(
      "select coalesce(max(size), 0) from ledger_checkpoints where ledger_id::text = $1", ledger);
  return Sequence{static_cast<std::uint64_t>(row[0].as<long long>())};
}

}  // namespace

std::optional<MirrorMark> read_mirror_mark(const MirrorOptions& options, const EventLog& log) {
  const auto connection = connect_to_mirror(options, log.store().ledger_id(), PostgresUse::kRead);
  const std::string ledger = format_uuid(log.store().ledger_id().value);
  const Found found = connection->guarded([&ledger](pqxx::connection_base& raw) {
    pqxx::read_transaction transaction(raw);
    return Found{read_checkpoint(transaction), largest_signed(transaction, ledger)};
  });
  if (!found.checkpoint && found.signed_size == Sequence{}) return std::nullopt;
  MirrorMark mark{
      .schema = connection->schema(), .checkpoint = {}, .signed_size = found.signed_size, .code = {}, .what = {}};
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

}  // namespace runledger
