// The JSON form of replies, which the subcommands print and the daemon sends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/rules/command.h"
#include "ledger/values/json_writer.h"

namespace runledger {

// Returns a reply as an object. A member without a value is null; retry_after is in whole seconds (whole_seconds()).
//
// {"decision":…,"rule":…,"run_id":…,"attempt":…,"token":…,"retry_after":…,"sequence":…,"run_version":…,
//  "position":…,"status":…,"outcome":…,"repeated":…}
//
// "lease_seconds" and "warnings" are there only if the reply has them.
[[nodiscard]] std::string reply_to_json(const Reply& reply);
// Writes only the members, into an object that the caller has begun and may add more members to. `decision` stands in
// the place of the verdict, for an answer that did not come from the ledger.
void write_members(JsonWriter& out, const Reply& reply);
void write_members(JsonWriter& out, const Reply& reply, std::string_view decision);

// Returns the duration in seconds, rounded up and at least zero, so that a caller that waits that long never asks too
// early.
[[nodiscard]] std::int64_t whole_seconds(Duration duration);

// The same for an optional duration; absent when it is absent.
[[nodiscard]] std::optional<std::int64_t> whole_seconds(const std::optional<Duration>& duration);

}  // namespace runledger
