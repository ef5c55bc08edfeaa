// The capabilities that read (schema/rpc.capnp). Only rpc/capabilities.cc uses them.
#pragma once

#include "schema/rpc.capnp.h"
#include "tools/daemon/rpc/connection.h"

namespace runledger {

// Returns the capability to read runs, lists and totals. Used by the event loop's thread only.
[[nodiscard]] rpc::Reader::Client make_reader(SessionHandle pass);

// Returns the capability to read events and to subscribe to them. `timer` is not owned, and must outlive the capability
// and its subscriptions. Used by the event loop's thread only.
[[nodiscard]] rpc::Auditor::Client make_auditor(SessionHandle pass, kj::Timer& timer);

}  // namespace runledger
