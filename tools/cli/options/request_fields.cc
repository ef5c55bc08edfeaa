// Reads each option; the bounds of the type's catalog entry are checked later, with the request.
#include "tools/cli/options/request_fields.h"

#include <fmt/format.h>

#include <string_view>

#include "tools/cli/options/arguments.h"

namespace runledger {
namespace {

std::optional<RunId> typed_run(const Typed& typed, std::string_view field) {
  return typed ? std::optional(RunId{need(parse_uuid(*typed, field))}) : std::nullopt;
}

CooldownFrom require_cooldown_from(const std::string& typed) {
  const auto from = parse_word<CooldownFrom>(typed);
  if (!from) refuse("policy.invalid", fmt::format("expected completion or request, found \"{}\"", typed));
  return *from;
}

OutcomeSet require_outcomes(const std::vector<std::string>& typed) {
  OutcomeSet outcomes;
  for (const std::string& word : typed) {
    const auto outcome = parse_final_outcome(word);
    if (!outcome) refuse("policy.invalid", fmt::format("expected outcomes of completed runs, found \"{}\"", word));
    outcomes.insert(*outcome);
  }
  return outcomes;
}

}  // namespace

void TypedRequestFields::declare(Options& options) {
  options.values("--label", "KEY=VALUE", "A label to find the run by, up to 8 of them", labels_);
  options.value("--parent", "UUID", "The run that led to this one", parent_);
  options.value("--rerun-of", "UUID", "The completed run that this one repeats", rerun_of_);
  options.value("--traceparent", "TEXT", "Its place in a distributed trace (W3C Trace Context)", traceparent_);
  options.number("--max-attempts", "N", "Attempts at most; this and what follows within the type's bounds",
                 max_attempts_);
  options.number("--lease", "SECONDS", "How long an attempt lives without a heartbeat", lease_);
  options.number("--backoff", "SECONDS", "The delay after the first failed attempt", backoff_);
  options.number("--cooldown", "SECONDS", "How long after this run the same request is answered with it", cooldown_);
  options.value("--cooldown-from", "completion|request", "The time from which the cooldown counts", cooldown_from_);
  options.values("--cooldown-after", "OUTCOME", "An outcome after which there is a cooldown", cooldown_after_);
}

void TypedRequestFields::require(RunRequest& request) const {
  for (const std::string& label : labels_) {
    const std::size_t equals = label.find('=');
    if (equals == std::string::npos) refuse("label.invalid", fmt::format("expected KEY=VALUE, found \"{}\"", label));
    add_label(request.labels, label.substr(0, equals), label.substr(equals + 1));
  }
  request.parent = typed_run(parent_, "parent");
  request.rerun_of = typed_run(rerun_of_, "rerun_of");
  request.traceparent = traceparent_;
  PolicyChanges& policy = request.policy;
  if (const auto attempts = require_number(max_attempts_, "policy", {.min = 1, .max = Policy::kAttemptsMax}))
    policy.max_attempts = static_cast<std::uint32_t>(*attempts);
  policy.lease = find_seconds(lease_, 1);
  policy.backoff = find_seconds(backoff_, 0);
  policy.cooldown = find_seconds(cooldown_, 0);
  if (cooldown_from_) policy.cooldown_from = require_cooldown_from(*cooldown_from_);
  if (!cooldown_after_.empty()) policy.cooldown_after = require_outcomes(cooldown_after_);
}

}  // namespace runledger
