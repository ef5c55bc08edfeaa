// Import of the lines of a journal over RPC. Only rpc/capabilities.cc uses it.
#pragma once

#include "schema/rpc.capnp.h"
#include "tools/daemon/rpc/connection.h"

namespace runledger {

using ImportJournalCall = capnp::CallContext<rpc::Operator::ImportJournalParams, rpc::Operator::ImportJournalResults>;

// Carries out a call of importJournal: translates the lines on one of RpcThreads and submits them in their order. Used
// by the event loop's thread only. The call fails with "batch.too_large", or with the codes of
// Session::journal_rules().
[[nodiscard]] kj::Promise<void> import_journal(const SessionHandle& pass, ImportJournalCall context);

}  // namespace runledger
