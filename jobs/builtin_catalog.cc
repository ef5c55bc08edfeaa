// Parses the catalog that the build embedded. A catalog that cannot be parsed is a bug, hence the assertion.
#include "jobs/builtin_catalog.h"

#include "ledger/base/assert.h"
#include "schema/embedded.h"

namespace runledger {

Catalog builtin_catalog(const Policy& unlisted) {
  Result<Catalog> catalog = Catalog::parse(embedded::kCatalogJson, unlisted);
  RUNLEDGER_ASSERT(catalog);
  catalog->expect_unlisted();
  return *std::move(catalog);
}

}  // namespace runledger
