// The adapters' records in Postgres, table adapter_runs.
#pragma once

#include <memory>
#include <string>

#include "projections/postgres/adapter_records.h"

namespace runledger {

// Connects on the first read, and again after the connection was lost. Each read is one query. Reading throws Failure
// "adapter.unavailable" with the remedy kReconnect when a new connection may help, kCorrectInput when the table is
// missing (`runledger project` creates it), and kCallOperator otherwise. `dsn` is never logged. Throws
// "mirror.dsn_invalid" immediately.
[[nodiscard]] std::unique_ptr<AdapterRecords> postgres_adapter_records(std::string dsn, std::string schema);

}  // namespace runledger
