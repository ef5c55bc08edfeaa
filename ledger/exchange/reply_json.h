// The JSON form of answers: what the commands print and what the daemon sends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ledger/rules/command.h"
#include "ledger/values/json_writer.h"

namespace runledger {

// {"decision":…,"rule":…,"run_id":…,"attempt":…,"token":…,"retry_after":…,"sequence":…,"status":…,"outcome":…,
//  "repeated":…}; null where there is nothing to say, retry_after in whole seconds.
[[nodiscard]] std::string reply_to_json(const Reply& reply);
// The members alone, for an object that has more of them.
void write_members(JsonWriter& out, const Reply& reply);

// Rounded up, at least zero: asking again after that time is never too early.
[[nodiscard]] std::int64_t whole_seconds(Duration duration);

// The same where there is a duration.
[[nodiscard]] std::optional<std::int64_t> whole_seconds(const std::optional<Duration>& duration);

}  // namespace runledger
