// Reading a ledger without caring where it is: in this process, or behind a daemon.
#pragma once

#include <cstddef>
#include <string>

#include "projections/row_store.h"

namespace runledger {

// Any number of threads may ask at once. Throws Failure as EventLog and RowStore do, and "daemon.unreachable".
class LedgerReader {
 public:
  virtual ~LedgerReader() = default;

  // As RowStore::list, of the caller's scope. Includes everything that was acknowledged before the call.
  [[nodiscard]] virtual Result<RunPage> list(const RunFilter& filter, std::size_t limit, const std::string& cursor) = 0;
};

}  // namespace runledger
