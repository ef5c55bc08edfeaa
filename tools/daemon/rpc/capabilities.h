// The capabilities that a connection hands out (schema/rpc.capnp). For rpc_server.cc alone.
#pragma once

#include <kj/async-io.h>

#include "schema/rpc.capnp.h"

namespace runledger {

struct Connection;

// The bootstrap capability of `connection`. What its caller refers to, and `timer`, must outlive it and whatever was
// handed out through it. Of the event loop's thread.
[[nodiscard]] rpc::Gate::Client make_gate(kj::Own<Connection> connection, kj::Timer& timer);

}  // namespace runledger
