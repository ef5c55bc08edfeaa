// The check of a file of proof or evidence, without a ledger.
#pragma once

#include <string>
#include <vector>

#include "ledger/evidence/signed_note.h"
#include "tools/cli/context.h"
#include "tools/cli/options/options.h"

namespace runledger {

struct ProofToCheck {
  std::string file;
  std::vector<NoteVerifier> keys;  // At least one, the newest last.
  Typed earlier = {};              // An earlier file of the same scope.
  Typed output = {};               // Gets the events of a scope as lines of JSON, if the file proves them.
};

// Checks the file and prints what it proves. Throws RefusedWith, with the status of damage, when it proves nothing.
void check_proof(const Context& context, const ProofToCheck& what);

}  // namespace runledger
