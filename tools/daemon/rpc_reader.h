// The capabilities that read (schema/rpc.capnp). For rpc_capabilities.cc alone.
#pragma once

#include "tools/daemon/rpc_connection.h"

namespace runledger {

[[nodiscard]] rpc::Reader::Client make_reader(Pass pass);

// `timer` must outlive it and the subscriptions that it gives out.
[[nodiscard]] rpc::Auditor::Client make_auditor(Pass pass, kj::Timer& timer);

}  // namespace runledger
