// Fills a mirror that has no rows yet.
#pragma once

#include <cstdint>
#include <pqxx/transaction_base>

#include "ledger/base/progress.h"
#include "ledger/log/event_log.h"

namespace runledger {

// Returns true when operation_runs has no rows.
[[nodiscard]] bool is_empty(pqxx::transaction_base& transaction);

// Copies the fold of events 1..to into operation_runs, which must be empty, and returns the number of rows. Readers wait
// until the transaction ends. `progress` may throw to give up, after which the transaction must be abandoned.
std::uint64_t fill_empty(pqxx::transaction_base& transaction, const EventLog& log, Sequence to,
                         const Progress& progress);

}  // namespace runledger
