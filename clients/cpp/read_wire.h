// Reading as the daemon's RPC carries it (schema/rpc.capnp), for the reader and the server.
//
// For these two only; nothing else sees wire types.
#pragma once

#include "projections/reader/ledger_reader.h"
#include "schema/rpc.capnp.h"

namespace runledger::wire {

void write(rpc::RunFilter::Builder out, const RunFilter& filter);
void write(rpc::RunRow::Builder out, const OperationRun::Row& row);
void write(rpc::EventFilter::Builder out, const EventFilter& filter);
void write(rpc::AsOf::Builder out, const std::optional<AsOf>& as_of);
void write(capnp::List<rpc::SeenEvent>::Builder out, const std::vector<VisibleEvent>& events);  // As many as it holds.

// What arrives from outside is checked anew; the codes are those of the fields.
[[nodiscard]] Result<RunFilter> read(rpc::RunFilter::Reader in);
[[nodiscard]] Result<RunId> read_run_id(capnp::Data::Reader in);
[[nodiscard]] Result<EventFilter> read(rpc::EventFilter::Reader in);
[[nodiscard]] Result<std::optional<AsOf>> read(rpc::AsOf::Reader in);
// Of a daemon, which has checked it. Throws Failure "storage.damaged" where it is not what a daemon sends.
[[nodiscard]] OperationRun::Row read(rpc::RunRow::Reader in);
[[nodiscard]] std::vector<VisibleEvent> read(capnp::List<rpc::SeenEvent>::Reader in);

}  // namespace runledger::wire
