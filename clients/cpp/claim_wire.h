// Conversion of claims and their answers to and from wire types (schema/rpc.capnp).
//
// Only remote_run_source.cc and the daemon's RPC server use this; no other code sees wire types. Thread-safe.
#pragma once

#include "ledger/client.h"
#include "schema/rpc.capnp.h"

namespace runledger::wire {

// Requires a wait within the limits of ClaimRequest.
void write(rpc::Claim::Builder out, const ClaimRequest& request, const CommandOptions& options);
void write(rpc::ClaimAnswer::Builder out, const ClaimAnswer& answer);

// Reading checks every value again, because it comes from outside. Codes: those of the fields, and "claim.invalid".
[[nodiscard]] Result<ClaimRequest> read(rpc::Claim::Reader in);
// Reads an answer with the same checks. A daemon of another version may have started a run that this version's stricter
// rules do not accept: the result is then a Rejection, and the run is left to its lease.
[[nodiscard]] ClaimAnswer read(rpc::ClaimAnswer::Reader in);

}  // namespace runledger::wire
