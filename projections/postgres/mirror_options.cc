// Checks a mirror's options, without connecting and by connecting.
#include "projections/postgres/mirror_options.h"

#include "ledger/base/failure.h"
#include "projections/postgres/connection.h"

namespace runledger {

void check_mirror_options(const MirrorOptions& options) {
  check_dsn(options.dsn);
}

std::optional<std::string> find_mirror_unreachable(const MirrorOptions& options) {
  try {
    PostgresConnection(options.dsn, options.schema, PostgresUse::kWrite);
  } catch (const Failure& failure) {
    if (!failure.may_pass()) throw;
    return failure.what();
  }
  return std::nullopt;
}

}  // namespace runledger
