// The rows of the mirror whose content was erased.
#pragma once

#include <pqxx/connection>
#include <pqxx/transaction_base>
#include <string>
#include <vector>

#include "ledger/log/event_log.h"
#include "ledger/log/ledger_events.h"

namespace runledger {

// Makes the tenant's rows in both tables the fold of its events without their content.
void erase_content(pqxx::transaction_base& transaction, const Scope& scope);

// Lets Postgres reuse the space of the rows that were replaced. Outside of a transaction.
void vacuum_rows(pqxx::connection_base& connection);

// The tenants whose content was erased by events after `checkpoint`: a mirror that has come only so far has it still.
[[nodiscard]] std::vector<LedgerEvents::Erasure> erasures_after(const EventLog& log, Sequence checkpoint);

// A condition for statements over differences of rows: that the run in `column` is of none of these tenants. Empty when
// there are none.
[[nodiscard]] std::string not_of_tenants(const pqxx::transaction_base& transaction,
                                         const std::vector<LedgerEvents::Erasure>& erasures, const std::string& column);

}  // namespace runledger
