// What a request may change about the policy of its run, and how far.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ledger/values/json_object.h"
#include "ledger/values/policy.h"

namespace runledger {

// The longest duration of a policy.
inline constexpr Duration kPolicySecondsMax = std::chrono::hours(24) * 366 * 10;

// The parts of a policy that a request sets for its own run. What is absent stays as the type has it.
struct PolicyChanges {
  std::optional<std::uint32_t> max_attempts = {};
  std::optional<Duration> lease = {};
  std::optional<Duration> backoff = {};  // The initial delay; a longest delay that is shorter grows to it.
  std::optional<Duration> cooldown = {};
  std::optional<CooldownFrom> cooldown_from = {};
  std::optional<OutcomeSet> cooldown_after = {};
  friend bool operator==(const PolicyChanges&, const PolicyChanges&) = default;
};

// The least and the greatest value of each part; a part that is absent cannot be changed in that direction. A cooldown
// that counts from the request is less than one that counts from the completion, because it ends earlier. Sets of
// outcomes are ordered by inclusion: a request's set has everything in `least`, and nothing outside of `most`.
struct PolicyBounds {
  PolicyChanges least;
  PolicyChanges most;
  friend bool operator==(const PolicyBounds&, const PolicyBounds&) = default;
};

// Returns the outcome of a completed run with this word, or nullopt for any other text.
[[nodiscard]] std::optional<RunOutcome> parse_final_outcome(std::string_view word);

// Reads "max_attempts", "lease_seconds", "backoff_seconds", "cooldown_seconds", "cooldown_from" and "cooldown_after",
// as far as they are there, each with `suffix` after its name. Throws Refused with the object's code.
[[nodiscard]] PolicyChanges read_policy_changes(const JsonObject& in, std::string_view suffix = "");

// Returns the policy with the changes, unchecked.
[[nodiscard]] Policy changed(const Policy& policy, const PolicyChanges& changes);

// The same for a request. Refuses a change that is out of bounds with "policy.out_of_bounds", which names the part, the
// bounds and the value.
[[nodiscard]] Result<Policy> changed_within(const Policy& policy, const PolicyChanges& changes,
                                            const PolicyBounds& bounds);

}  // namespace runledger
