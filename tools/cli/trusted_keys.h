// The verifier keys that an auditor trusts, as typed.
#pragma once

#include <vector>

#include "ledger/evidence/signed_note.h"
#include "tools/cli/options/arguments.h"

namespace runledger {

// Returns `key`, and the keys to which the file `rotations` of the ledger leads from it, the newest last. Refuses as
// NoteVerifier::parse() and open_rotations() do.
[[nodiscard]] std::vector<NoteVerifier> require_trusted_keys(const std::string& key, const Typed& rotations);

}  // namespace runledger
