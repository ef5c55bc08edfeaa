// The JSON form of an explanation.
#pragma once

#include <string>

#include "ledger/explain.h"

namespace runledger {

// {"identity":…,"would_be":…,"rule":…,"run_id":…,"retry_after":…,"decided_by_sequence":…,"holder":…,"last_run":…,
//  "cooldown_until":…}
[[nodiscard]] std::string explanation_to_json(const Explanation& explanation);

}  // namespace runledger
