// Reads one line of ledger_projections.
#include "projections/postgres/mirror_mark.h"

#include <pqxx/transaction>

#include "ledger/base/failure.h"
#include "projections/postgres/checkpoint.h"
#include "projections/postgres/connection.h"

namespace runledger {

std::optional<MirrorMark> read_mirror_mark(const MirrorOptions& options, const EventLog& log) {
  PostgresConnection connection(options.dsn, options.schema, PostgresUse::kRead);
  const std::optional<MirrorCheckpoint> checkpoint =
      connection.guarded([](pqxx::connection_base& raw) -> std::optional<MirrorCheckpoint> {
        pqxx::read_transaction transaction(raw);
        return read_checkpoint(transaction);
      });
  if (!checkpoint) return std::nullopt;
  MirrorMark mark{.checkpoint = checkpoint->sequence, .code = {}, .what = {}};
  try {
    check_belongs(*checkpoint, log);
  } catch (const Failure& failure) {
    if (!failure.code().starts_with("mirror.")) throw;
    mark.code = failure.code();
    mark.what = failure.what();
  }
  return mark;
}

}  // namespace runledger
