// Says in words what a proof shows, and what it does not.
#pragma once

#include "ledger/evidence/proof_file.h"
#include "tools/cli/context.h"

namespace runledger {

// Prints what the file of a proof shows to a reader who trusts the key.
void print_proven(const Context& context, const Proven& proven);

}  // namespace runledger
