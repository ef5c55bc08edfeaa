// Reading as the daemon's RPC carries it (schema/rpc.capnp), for the reader and the server.
//
// For these two only; nothing else sees wire types.
#pragma once

#include "projections/row_store.h"
#include "schema/rpc.capnp.h"

namespace runledger::words {

void write(rpc::RunFilter::Builder out, const RunFilter& filter);
void write(rpc::RunRow::Builder out, const OperationRun::Row& row);

// What arrives from outside is checked anew; the codes are those of the fields.
[[nodiscard]] Result<RunFilter> read(rpc::RunFilter::Reader in);
// Of a daemon, which has checked it. Throws Failure "storage.damaged" where it is no row.
[[nodiscard]] OperationRun::Row read(rpc::RunRow::Reader in);

}  // namespace runledger::words
