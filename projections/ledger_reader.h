// Reading a ledger without caring where it is: in this process, or behind a daemon.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "ledger/client.h"
#include "projections/row_store.h"

namespace runledger {

// Any number of threads may ask at once. Throws Failure as EventLog and RowStore do; of a daemon also
// "daemon.unreachable" when it is lost and does not come back within seconds, and "daemon.failed".
class LedgerReader {
 public:
  virtual ~LedgerReader() = default;

  // As RowStore::list, of the caller's scope. Includes everything that was acknowledged before the call. Of a daemon
  // also "scope.not_found", "rows.behind", "access.unauthenticated", "overloaded".
  [[nodiscard]] virtual Result<RunPage> list(const RunFilter& filter, std::size_t limit, const std::string& cursor) = 0;
};

// On a ledger of this process; its local rows catch up when they are asked for, reporting to what `progress` then
// makes. `ledger` is not owned and must outlive the reader.
[[nodiscard]] std::unique_ptr<LedgerReader> embedded_reader(Ledger& ledger, std::function<Progress()> progress = {});

// On the daemon at the other end of `link` (ledger/client.h).
[[nodiscard]] std::unique_ptr<LedgerReader> remote_reader(std::shared_ptr<RpcLink> link);

}  // namespace runledger
