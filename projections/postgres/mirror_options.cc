// Checks a mirror's options without connecting.
#include "projections/postgres/mirror_options.h"

#include "projections/postgres/connection.h"

namespace runledger {

void check_mirror_options(const MirrorOptions& options) {
  check_dsn(options.dsn);
}

}  // namespace runledger
