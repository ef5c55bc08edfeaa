// The capabilities that read (schema/rpc.capnp). For rpc_capabilities.cc alone.
#pragma once

#include "schema/rpc.capnp.h"
#include "tools/daemon/rpc/connection.h"

namespace runledger {

[[nodiscard]] rpc::Reader::Client make_reader(SessionHandle pass);

// `timer` must outlive it and the subscriptions that it gives out.
[[nodiscard]] rpc::Auditor::Client make_auditor(SessionHandle pass, kj::Timer& timer);

}  // namespace runledger
