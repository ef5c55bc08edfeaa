// How far a log has come and is signed, in words.
#pragma once

#include <string>

#include "ledger/evidence/log_standing.h"

namespace runledger {

// "the root of its 6 events is dhCs…=; the newest checkpoint has 4 of them"
[[nodiscard]] std::string standing_text(const LogStanding& standing);

}  // namespace runledger
