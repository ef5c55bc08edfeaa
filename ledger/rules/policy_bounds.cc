// Compares each part of the changes with its bounds, in the order in which the catalog lists the parts.
#include "ledger/rules/policy_bounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace runledger {
namespace {

constexpr Duration kLeaseMin{1};  // A lease of zero would have run out before the first heartbeat.

OutcomeSet read_outcomes(const JsonObject& in, std::string_view member) {
  OutcomeSet outcomes;
  for (const std::string_view text : in.texts(member)) {
    const auto outcome = parse_final_outcome(text);
    if (!outcome) in.refuse_member(member, "outcomes of completed runs", text);
    outcomes.insert(*outcome);
  }
  return outcomes;
}

[[noreturn]] void out_of_bounds(std::string_view part, std::string_view expected, std::string_view found) {
  refuse("policy.out_of_bounds",
         fmt::format("expected {} {}, which the type's catalog entry allows, found {}", part, expected, found));
}

// `value`, `least` and `most` have an order, and `text` writes them for people.
template <class Value, class Text>
void require_within(std::string_view part, const Value& value, const Value& least, const Value& most, Text text) {
  if (value < least || most < value)
    out_of_bounds(part, fmt::format("from {} to {}", text(least), text(most)), fmt::to_string(text(value)));
}

int order(CooldownFrom from) {
  return from == CooldownFrom::kRequest ? 0 : 1;
}

void require_from_within(CooldownFrom value, CooldownFrom least, CooldownFrom most) {
  if (order(value) < order(least) || order(most) < order(value))
    out_of_bounds("cooldown_from", to_string(least), to_string(value));
}

void require_after_within(OutcomeSet value, OutcomeSet least, OutcomeSet most) {
  for (const auto& [outcome, word] : kEnumWords<RunOutcome>) {
    if (outcome == RunOutcome::kPending) continue;
    const bool in = value.contains(outcome);
    if (!in && least.contains(outcome)) out_of_bounds("cooldown_after", fmt::format("with {}", word), "it missing");
    if (in && !most.contains(outcome)) out_of_bounds("cooldown_after", fmt::format("without {}", word), "it");
  }
}

void require_within(const PolicyChanges& changes, const Policy& least, const Policy& most) {
  const auto as_number = [](std::uint32_t number) { return number; };
  if (changes.max_attempts)
    require_within("max_attempts", *changes.max_attempts, least.max_attempts, most.max_attempts, as_number);
  if (changes.lease) require_within("lease_seconds", *changes.lease, least.lease, most.lease, in_seconds);
  if (changes.backoff)
    require_within("backoff_seconds", *changes.backoff, least.backoff.initial, most.backoff.initial, in_seconds);
  if (changes.cooldown)
    require_within("cooldown_seconds", *changes.cooldown, least.cooldown.length, most.cooldown.length, in_seconds);
  if (changes.cooldown_from) require_from_within(*changes.cooldown_from, least.cooldown.from, most.cooldown.from);
  if (changes.cooldown_after) require_after_within(*changes.cooldown_after, least.cooldown.after, most.cooldown.after);
}

}  // namespace

std::optional<RunOutcome> parse_final_outcome(std::string_view word) {
  const auto outcome = parse_word<RunOutcome>(word);
  return outcome == RunOutcome::kPending ? std::nullopt : outcome;
}

PolicyChanges read_policy_changes(const JsonObject& in, std::string_view suffix) {
  const auto name = [suffix](std::string_view part) { return std::string(part).append(suffix); };
  PolicyChanges changes;
  if (const auto attempts = in.find_number(name("max_attempts"), {.min = 1, .max = Policy::kAttemptsMax}))
    changes.max_attempts = static_cast<std::uint32_t>(*attempts);
  changes.lease = in.find_seconds(name("lease_seconds"), kLeaseMin, kPolicySecondsMax);
  changes.backoff = in.find_seconds(name("backoff_seconds"), Duration::zero(), kPolicySecondsMax);
  changes.cooldown = in.find_seconds(name("cooldown_seconds"), Duration::zero(), kPolicySecondsMax);
  if (in.has(name("cooldown_from")))
    changes.cooldown_from = in.word<CooldownFrom>(name("cooldown_from"), "\"completion\" or \"request\"");
  if (in.has(name("cooldown_after"))) changes.cooldown_after = read_outcomes(in, name("cooldown_after"));
  return changes;
}

Policy changed(const Policy& policy, const PolicyChanges& changes) {
  Policy result = policy;
  result.max_attempts = changes.max_attempts.value_or(policy.max_attempts);
  result.lease = changes.lease.value_or(policy.lease);
  if (changes.backoff) result.backoff = {*changes.backoff, std::max(policy.backoff.max, *changes.backoff)};
  result.cooldown = {.length = changes.cooldown.value_or(policy.cooldown.length),
                     .from = changes.cooldown_from.value_or(policy.cooldown.from),
                     .after = changes.cooldown_after.value_or(policy.cooldown.after)};
  return result;
}

Result<Policy> changed_within(const Policy& policy, const PolicyChanges& changes, const PolicyBounds& bounds) {
  if (changes == PolicyChanges()) return policy;
  try {
    require_within(changes, changed(policy, bounds.least), changed(policy, bounds.most));
  } catch (const Refused& refused) {
    return refused.rejection();
  }
  return changed(policy, changes);
}

}  // namespace runledger
