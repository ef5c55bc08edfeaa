// The adapters' records in Postgres, table adapter_runs.
#pragma once

#include <memory>

#include "projections/postgres/adapter_records.h"
#include "projections/postgres/mirror_options.h"

namespace runledger {

// Connects on the first read, and again after the connection was lost. Each read is one query. Reading throws Failure
// "adapter.unavailable" with the remedy kReconnect when a new connection may help, kCorrectInput when the table is
// missing (`runledger project` creates it), and kCallOperator otherwise. Throws "mirror.dsn_invalid" immediately. If no
// schema is named, it is that of any ledger's mirror: a worker does not know the id of its ledger.
[[nodiscard]] std::unique_ptr<AdapterRecords> postgres_adapter_records(MirrorOptions options);

}  // namespace runledger
