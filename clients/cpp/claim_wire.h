// Claims and what they bring as the daemon's RPC carries them (schema/rpc.capnp), for the source of runs and the
// server.
//
// For these two only; nothing else sees wire types.
#pragma once

#include "ledger/client.h"
#include "schema/rpc.capnp.h"

namespace runledger::wire {

// Requires a wait as ClaimRequest has it.
void write(rpc::Claim::Builder out, const ClaimRequest& order, const CommandOptions& mark);
void write(rpc::ClaimAnswer::Builder out, const ClaimAnswer& answer);

// What arrives from outside is checked anew; the codes are those of the fields, and "claim.invalid".
[[nodiscard]] Result<ClaimRequest> read(rpc::Claim::Reader in);
// The same; a run that a daemon of another version has started and this one cannot do, its rules being stricter, is
// refused, and left to its lease.
[[nodiscard]] ClaimAnswer read(rpc::ClaimAnswer::Reader in);

}  // namespace runledger::wire
