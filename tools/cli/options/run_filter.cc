// Reads the filters of a list one by one; the ledger combines them.
#include "tools/cli/options/run_filter.h"

#include <fmt/format.h>

#include "tools/cli/options/typed_time.h"

namespace runledger {

void TypedRunFilter::declare(Options& options) {
  group_.declare(options);
  options.values("--status", "queued|running|completed", "Only runs of this status, or of one of several", statuses_);
  options.values("--outcome", "pending|succeeded|partially_succeeded|blocked|failed|cancelled",
                 "Only runs of this outcome, or of one of several", outcomes_);
  options.value("--reason-code", "CODE", "The reason of the failure of the run or of its latest attempt", reason_code_);
  options.value("--initiator", "TEXT", "Who asked for it", initiator_);
  options.value("--worker", "NAME", "One that started an attempt", worker_);
  options.value("--identity", "HASH", "Its identity, as `show` prints it", identity_);
  options.value("--parent", "RUN", fmt::format("The run that led to it; {}", kDigitsHelp), parent_);
  options.values("--label", "KEY=VALUE", "One of its labels; all of several", labels_);
  options.number("--attempts-min", "N", "At least so many attempts", attempts_min_);
  options.flag("--deduped", "A request was answered with it", deduped_);
  options.value("--id-prefix", "DIGITS", "How its id begins, 4 digits or more", id_prefix_);
  options.time("--since", kTimeValue, "Requested at or after it", since_);
  options.time("--until", kTimeValue, "Requested before it", until_);
  options.time("--completed-since", kTimeValue, "Completed at or after it", completed_since_);
  options.value("--active-between", "FROM/UNTIL", "Requested and not completed in this time", active_between_);
  options.value("--as-of", kSequenceOrTimeValue, "As they were after this event, or at this time", as_of_);
}

void TypedRunFilter::require_states(RunFilter& filter) const {
  for (const std::string& typed : statuses_) {
    const auto status = parse_word<RunStatus>(typed);
    if (!status) refuse("status.invalid", fmt::format("expected queued, running or completed, found \"{}\"", typed));
    filter.status.insert(*status);
  }
  for (const std::string& typed : outcomes_) {
    const auto outcome = parse_word<RunOutcome>(typed);
    if (!outcome)
      refuse("outcome.invalid", fmt::format("expected pending, succeeded, partially_succeeded, blocked, failed "
                                            "or cancelled, found \"{}\"",
                                            typed));
    filter.outcome.insert(*outcome);
  }
}

void TypedRunFilter::require_times(RunFilter& filter) const {
  if (since_) filter.since = require_time(*since_);
  if (until_) filter.until = require_time(*until_);
  if (filter.since && filter.until && *filter.since > *filter.until)
    refuse("range.invalid", "expected --since at or before --until");
  if (completed_since_) filter.completed_since = require_time(*completed_since_);
  if (active_between_) filter.active_between = require_time_range(*active_between_);
  if (as_of_) filter.as_of = require_as_of(*as_of_);
}

std::optional<RunName> TypedRunFilter::require_parent() const {
  return parent_ ? std::optional(RunName::require(*parent_, RunName::Role::kParent)) : std::nullopt;
}

RunFilter TypedRunFilter::require_filter() const {
  RunFilter filter = group_.require_filter();
  require_states(filter);
  require_times(filter);
  if (reason_code_) filter.reason_code = need(parse_reason_code(*reason_code_));
  if (initiator_) filter.initiator = sanitize(*initiator_);
  if (worker_) filter.worker = sanitize(*worker_);
  if (identity_) filter.identity = need(parse_identity(*identity_));
  for (const std::string& label : labels_) require_label(filter, label);
  const auto attempts = require_number(attempts_min_, "attempts_min", {.max = Policy::kAttemptsMax});
  filter.attempts_min = static_cast<std::uint32_t>(attempts.value_or(0));
  filter.deduped = deduped_;
  if (id_prefix_) filter.id_prefix = need(parse_id_prefix(*id_prefix_));
  return filter;
}

}  // namespace runledger
