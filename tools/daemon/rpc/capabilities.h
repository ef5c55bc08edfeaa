// The capabilities that a connection hands out (schema/rpc.capnp). Only rpc/acceptor.cc uses it.
#pragma once

#include <kj/async-io.h>

#include "schema/rpc.capnp.h"

namespace runledger {

struct Connection;

// Returns the bootstrap capability of `connection`. `timer`, and everything that the connection's caller refers to,
// must outlive it and every capability that was handed out through it. Used by the event loop's thread only.
[[nodiscard]] rpc::Gate::Client make_gate(kj::Own<Connection> connection, kj::Timer& timer);

}  // namespace runledger
