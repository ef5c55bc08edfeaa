// What `recover` says of a damaged ledger.
#pragma once

#include <string>

#include "ledger/recovery/damaged_ledger.h"
#include "ledger/values/json_writer.h"
#include "tools/cli/output/output.h"

namespace runledger {

// Writes the members of an object.
void write_remains(JsonWriter& json, const DamagedLedger& found);
void print_remains(const DamagedLedger& found, Output& out);

}  // namespace runledger
