// What to do with a mirror of events that the ledger has lost.
#pragma once

#include <string>
#include <vector>

#include "ledger/values/sequence.h"
#include "ledger/values/uuid.h"
#include "projections/postgres/mirror_mark.h"

namespace runledger {

// Returns the steps to a mirror that goes on with the ledger in the directory `into`, which has the events up to
// `kept`; none when it goes on by itself. Most of them are commands for the shell after a colon, with the DSN in $DSN:
// it may hold a password, so they do not repeat it.
[[nodiscard]] std::vector<std::string> steps_for(const std::string& into, LedgerId ledger, Sequence kept,
                                                 const MirrorMark& mirror);

}  // namespace runledger
