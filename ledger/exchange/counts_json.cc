// Checks the number of keys before it reads any of them.
#include "ledger/exchange/counts_json.h"

#include "ledger/rules/report.h"

namespace runledger {

Counts read_counts(const JsonObject& counts) {
  require_few_counts(counts.members().size());
  Counts read;
  for (const auto& [key, value] : counts.members())
    add_count(read, key, counts.with_code("counts.invalid").number(key, {.max = kCountMax}));
  return read;
}

}  // namespace runledger
