// The JSON form of answers: what the commands print and what the daemon sends.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "ledger/rules/command.h"

namespace runledger {

// {"decision":…,"rule":…,"run_id":…,"attempt":…,"token":…,"retry_after":…,"sequence":…,"status":…,"outcome":…,
//  "repeated":…}; null where there is nothing to say, retry_after in whole seconds.
[[nodiscard]] nlohmann::ordered_json reply_to_json(const Reply& reply);

// Rounded up, at least zero: asking again after that time is never too early.
[[nodiscard]] std::int64_t whole_seconds(Duration duration);

}  // namespace runledger
