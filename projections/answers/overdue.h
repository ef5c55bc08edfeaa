// Which types have not succeeded for longer than the catalog expects: the rule that the question and the metrics share.
#pragma once

#include <functional>
#include <optional>

#include "ledger/rules/catalog.h"
#include "projections/rows/store.h"

namespace runledger {

// The moment from which a scope is overdue for a type: `expect_every` after its last success, or after its first
// request as long as it had none, by the times at which the ledger recorded them. A run that succeeded partially is no
// success. Absent when the type expects nothing. `totals` are those of the scope and the type.
[[nodiscard]] std::optional<Time> overdue_from(const CatalogEntry& type, const Statistics& totals);

struct ExpectedScope {
  const CatalogEntry& type;
  const RowStore::TotalsGroup& group;
  Time overdue_from;
};
// Visits the scopes within the filter that have ever requested a type which the catalog expects to succeed, in the
// order of their names. `filter` may have a workspace, a tenant and types.
void visit_expected(const RowStore& rows, const Catalog& catalog, const RunFilter& filter,
                    const std::function<Scan(const ExpectedScope&)>& visit);

}  // namespace runledger
