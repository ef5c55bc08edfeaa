// The name of a ledger in its checkpoints, as the user typed it or by default.
#pragma once

#include <string>

#include "ledger/values/uuid.h"
#include "tools/cli/options/options.h"

namespace runledger {

// Returns "runledger/LEDGER-ID" when no name was typed. Throws Refused "origin.invalid".
[[nodiscard]] std::string require_origin(const Typed& typed, LedgerId ledger);

}  // namespace runledger
