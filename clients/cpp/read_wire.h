// Conversion of queries, rows and events to and from wire types (schema/rpc.capnp).
//
// Only remote_reader.cc and the daemon's RPC server use this; no other code sees wire types. Thread-safe.
#pragma once

#include "projections/reader/ledger_reader.h"
#include "schema/rpc.capnp.h"

namespace runledger::wire {

void write(rpc::RunFilter::Builder out, const RunFilter& filter);
void write(rpc::RunRow::Builder out, const OperationRun::Row& row);
void write(rpc::EventFilter::Builder out, const EventFilter& filter);
void write(rpc::AsOf::Builder out, const std::optional<AsOf>& as_of);
// Requires that `events` has at least as many events as `out` has elements.
void write(capnp::List<rpc::SeenEvent>::Builder out, const std::vector<VisibleEvent>& events);

// Reading in the daemon checks every value again, because it comes from outside. Codes: those of the fields.
[[nodiscard]] Result<RunFilter> read(rpc::RunFilter::Reader in);
[[nodiscard]] Result<RunId> read_run_id(capnp::Data::Reader in);
[[nodiscard]] Result<EventFilter> read(rpc::EventFilter::Reader in);
[[nodiscard]] Result<std::optional<AsOf>> read(rpc::AsOf::Reader in);
// Reading in the client expects what a daemon sends, which has checked it already. Throws Failure "storage.damaged" for
// anything else.
[[nodiscard]] OperationRun::Row read(rpc::RunRow::Reader in);
[[nodiscard]] std::vector<VisibleEvent> read(capnp::List<rpc::SeenEvent>::Reader in);

// How far runs have come, in the order of `runs`.
void write(capnp::List<rpc::Progress>::Builder out, const std::vector<RunId>& runs,
           const std::map<RunId, Counts>& progress);
[[nodiscard]] std::map<RunId, Counts> read(capnp::List<rpc::Progress>::Reader in, const std::vector<RunId>& runs);

}  // namespace runledger::wire
