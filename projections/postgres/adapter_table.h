// The adapters' records as they stand in Postgres, table adapter_runs.
#pragma once

#include <memory>
#include <string>

#include "projections/postgres/adapter_records.h"

namespace runledger {

// Connects when it is first asked, and anew when the connection was lost; one query a read. Reading throws Failure
// "adapter.unavailable": with remedy kReconnect where a new connection may mend it, kCorrectInput where the table is
// missing (runledger project makes it), kCallOperator otherwise. `dsn` is never logged; "mirror.dsn_invalid" at once.
[[nodiscard]] std::unique_ptr<AdapterRecords> postgres_adapter_records(std::string dsn, std::string schema);

}  // namespace runledger
