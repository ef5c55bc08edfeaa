// Says in words what a proof shows, and what it does not.
#pragma once

#include "ledger/evidence/proof_file.h"
#include "ledger/evidence/run_evidence.h"
#include "ledger/evidence/scope_evidence.h"
#include "tools/cli/context.h"

namespace runledger {

// Print what the file of a proof shows to a reader who trusts the key. `earlier` is what an earlier file has shown that
// this one was found to extend.
void print_proven(const Context& context, const Proven& proven);
void print_proven(const Context& context, const ProvenWholeRun& proven);
void print_proven(const Context& context, const ProvenScope& proven, const std::optional<ProvenScope>& earlier);

}  // namespace runledger
