// Takes in the lines of a journal over RPC. For tools/daemon/rpc/capabilities.cc alone.
#pragma once

#include "schema/rpc.capnp.h"
#include "tools/daemon/rpc/connection.h"

namespace runledger {

using ImportJournalCall = capnp::CallContext<rpc::Operator::ImportJournalParams, rpc::Operator::ImportJournalResults>;

// Of the event loop's thread; the lines are read on another.
[[nodiscard]] kj::Promise<void> import_journal(const SessionHandle& pass, ImportJournalCall context);

}  // namespace runledger
