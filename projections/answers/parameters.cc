// Checks and converts the texts.
#include "projections/answers/parameters.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/values/number.h"

namespace runledger {

const std::string* Parameters::find(std::string_view name) const {
  const auto found = std::find_if(pairs_.begin(), pairs_.end(), [&](const auto& pair) { return pair.first == name; });
  return found == pairs_.end() ? nullptr : &found->second;
}

std::vector<std::string_view> Parameters::find_all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [each, value] : pairs_) {
    if (each == name) values.push_back(value);
  }
  return values;
}

std::optional<Time> Parameters::find_time(std::string_view name) const {
  const std::string* text = find(name);
  return text == nullptr ? std::nullopt : std::optional(need(parse_time(*text)));
}

bool Parameters::need_switch(std::string_view name) const {
  const std::string* text = find(name);
  return text != nullptr && need(parse_number(*text, name, {.max = 1})) == 1;
}

std::uint64_t Parameters::need_number(std::string_view name, std::uint64_t otherwise, std::uint64_t min,
                                      std::uint64_t max) const {
  const std::string* text = find(name);
  return text == nullptr ? otherwise : need(parse_number(*text, name, {.min = min, .max = max}));
}

AnyOf<DedupeRule> Parameters::need_rules() const {
  AnyOf<DedupeRule> rules;
  for (const std::string_view text : find_all("rule")) {
    const auto rule = parse_word<DedupeRule>(text);
    if (!rule) refuse("rule.invalid", "expected a rule by which requests or starts are answered with a run");
    rules.insert(*rule);
  }
  return rules;
}

void Parameters::read_states(RunFilter& filter) const {
  for (const std::string_view text : find_all("status")) {
    const auto status = parse_word<RunStatus>(text);
    if (!status) refuse("status.invalid", "expected queued, running or completed");
    filter.status.insert(*status);
  }
  for (const std::string_view text : find_all("outcome")) {
    const auto outcome = parse_word<RunOutcome>(text);
    if (!outcome)
      refuse("outcome.invalid", "expected pending, succeeded, partially_succeeded, blocked, failed or cancelled");
    filter.outcome.insert(*outcome);
  }
}

void Parameters::read_times(RunFilter& filter) const {
  if (const auto* text = find("since")) filter.since = need(parse_time(*text));
  if (const auto* text = find("until")) filter.until = need(parse_time(*text));
  if (filter.since && filter.until && *filter.since > *filter.until)
    refuse("range.invalid", "expected since at or before until");
  if (const auto* text = find("completed_since")) filter.completed_since = need(parse_time(*text));
  if (const auto* text = find("active_between")) filter.active_between = need(parse_time_range(*text));
}

void Parameters::read_aspects(RunFilter& filter) const {
  if (const auto* text = find("reason_code")) filter.reason_code = need(parse_reason_code(*text));
  if (const auto* text = find("initiator")) filter.initiator = sanitize(*text);
  if (const auto* text = find("worker")) filter.worker = sanitize(*text);
  if (const auto* text = find("identity")) filter.identity = need(parse_identity(*text));
  if (const auto* text = find("parent")) filter.parent = RunId{need(parse_uuid(*text, "parent"))};
  for (const std::string_view label : find_all("label")) require_label(filter, label);
  if (const auto* text = find("attempts_min"))
    filter.attempts_min =
        static_cast<std::uint32_t>(need(parse_number(*text, "attempts_min", {.max = Policy::kAttemptsMax})));
  filter.deduped = need_switch("deduped");
  if (const auto* text = find("id_prefix")) filter.id_prefix = need(parse_id_prefix(*text));
}

RunFilter Parameters::need_filter() const {
  RunFilter filter;
  if (const auto* text = find("workspace")) filter.workspace = need(parse_workspace(*text));
  if (const auto* text = find("tenant")) filter.tenant = need(parse_tenant(*text));
  for (const std::string_view text : find_all("type")) filter.type.insert(need(parse_run_type(text)));
  read_states(filter);
  read_aspects(filter);
  read_times(filter);
  return filter;
}

}  // namespace runledger
