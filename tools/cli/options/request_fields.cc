// Reads each option; the bounds of the type's catalog entry are checked later, with the request.
#include "tools/cli/options/request_fields.h"

#include <fmt/format.h>

#include <string_view>

#include "tools/cli/options/arguments.h"

namespace runledger {
namespace {

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
  options.value("--parent", "RUN", fmt::format("The run that led to this one; {}", kDigitsHelp), parent_);
  options.value("--rerun-of", "RUN", fmt::format("The completed run that this one repeats; {}", kDigitsHelp),
                rerun_of_);
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
  if (const auto run = parent()) request.parent = run->whole();
  if (const auto run = rerun_of()) request.rerun_of = run->whole();
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

std::optional<RunName> TypedRequestFields::parent() const {
  return parent_ ? std::optional(RunName::require(*parent_, RunName::Role::kParent)) : std::nullopt;
}

std::optional<RunName> TypedRequestFields::rerun_of() const {
  return rerun_of_ ? std::optional(RunName::require(*rerun_of_, RunName::Role::kRerunOf)) : std::nullopt;
}

bool TypedRequestFields::names_whole_ids() const {
  const auto is_whole = [](const std::optional<RunName>& run) { return !run || run->whole(); };
  return is_whole(parent()) && is_whole(rerun_of());
}

void TypedRequestFields::find_runs(LedgerReader& reader, RunRequest& request) const {
  if (const auto run = parent()) request.parent = run->find(reader);
  if (const auto run = rerun_of()) request.rerun_of = run->find(reader);
}

}  // namespace runledger
