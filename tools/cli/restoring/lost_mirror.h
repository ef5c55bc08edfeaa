// The mirror of a ledger that was lost or damaged: whether it is there, and what to do with it when it is ahead.
#pragma once

#include <string>
#include <vector>

#include "ledger/values/sequence.h"
#include "ledger/values/uuid.h"
#include "projections/postgres/mirror_mark.h"

namespace runledger {

// Refuses with "mirror.not_found", when the database knows nothing of the ledger: a wrong DSN or schema must not hide
// what is lost.
[[noreturn]] void refuse_unknown_mirror(const MirrorOptions& options);

// Returns the steps to a mirror that goes on with the ledger in the directory `into`, which has the events up to
// `kept`; none when it goes on by itself. Most of them are commands for the shell after a colon, with the DSN in $DSN:
// it may hold a password, so they do not repeat it.
[[nodiscard]] std::vector<std::string> steps_for(const std::string& into, LedgerId ledger, Sequence kept,
                                                 const MirrorMark& mirror);

}  // namespace runledger
