// Names events, statuses, outcomes and rules, and parses these names.
#include "ledger/rules/event.h"

#include <array>

#include "ledger/base/assert.h"

namespace runledger {

namespace {

// Searches all values of an enum for the one with this name, so that parsing cannot disagree with to_string().
template <class Enum, std::size_t N>
std::optional<Enum> find_named(const std::array<Enum, N>& values, std::string_view text) {
  for (const Enum value : values) {
    if (to_string(value) == text) return value;
  }
  return std::nullopt;
}

}  // namespace

static_assert(std::variant_size_v<Event> == std::size(kEventKinds), "every kind of event has a name");

std::string_view kind_name(const Event& event) {
  return kEventKinds[event.index()];
}

std::string_view to_string(RunStatus status) {
  switch (status) {
    case RunStatus::kQueued:
      return "queued";
    case RunStatus::kRunning:
      return "running";
    case RunStatus::kCompleted:
      return "completed";
  }
  assertion_failed("status is one of the enumerators", __FILE__, __LINE__);
}

std::string_view to_string(RunOutcome outcome) {
  switch (outcome) {
    case RunOutcome::kPending:
      return "pending";
    case RunOutcome::kSucceeded:
      return "succeeded";
    case RunOutcome::kPartiallySucceeded:
      return "partially_succeeded";
    case RunOutcome::kBlocked:
      return "blocked";
    case RunOutcome::kFailed:
      return "failed";
    case RunOutcome::kCancelled:
      return "cancelled";
  }
  assertion_failed("outcome is one of the enumerators", __FILE__, __LINE__);
}

std::string_view to_string(AttemptOutcome outcome) {
  switch (outcome) {
    case AttemptOutcome::kSucceeded:
      return "succeeded";
    case AttemptOutcome::kPartiallySucceeded:
      return "partially_succeeded";
    case AttemptOutcome::kBlocked:
      return "blocked";
    case AttemptOutcome::kFailed:
      return "failed";
    case AttemptOutcome::kCancelled:
      return "cancelled";
    case AttemptOutcome::kLost:
      return "lost";
  }
  assertion_failed("outcome is one of the enumerators", __FILE__, __LINE__);
}

std::string_view to_string(Disposition disposition) {
  switch (disposition) {
    case Disposition::kCompletes:
      return "completes";
    case Disposition::kRetries:
      return "retries";
    case Disposition::kExhausts:
      return "exhausted";
    case Disposition::kLate:
      return "late";
  }
  assertion_failed("disposition is one of the enumerators", __FILE__, __LINE__);
}

std::string_view to_string(DedupeRule rule) {
  switch (rule) {
    case DedupeRule::kActiveRun:
      return "active_run";
    case DedupeRule::kCooldown:
      return "cooldown";
    case DedupeRule::kSameRun:
      return "same_run";
    case DedupeRule::kAttemptActive:
      return "attempt_active";
    case DedupeRule::kRunCompleted:
      return "run_completed";
    case DedupeRule::kNotCanonical:
      return "not_canonical";
  }
  assertion_failed("rule is one of the enumerators", __FILE__, __LINE__);
}

std::string_view to_string(DedupeStage stage) {
  switch (stage) {
    case DedupeStage::kDispatch:
      return "dispatch";
    case DedupeStage::kExecute:
      return "execute";
  }
  assertion_failed("stage is one of the enumerators", __FILE__, __LINE__);
}

std::optional<RunStatus> parse_run_status(std::string_view text) {
  return find_named(std::array{RunStatus::kQueued, RunStatus::kRunning, RunStatus::kCompleted}, text);
}

std::optional<RunOutcome> parse_run_outcome(std::string_view text) {
  return find_named(std::array{RunOutcome::kPending, RunOutcome::kSucceeded, RunOutcome::kPartiallySucceeded,
                               RunOutcome::kBlocked, RunOutcome::kFailed, RunOutcome::kCancelled},
                    text);
}

std::optional<AttemptOutcome> parse_attempt_outcome(std::string_view text) {
  return find_named(
      std::array{AttemptOutcome::kSucceeded, AttemptOutcome::kPartiallySucceeded, AttemptOutcome::kBlocked,
                 AttemptOutcome::kFailed, AttemptOutcome::kCancelled, AttemptOutcome::kLost},
      text);
}

std::optional<Disposition> parse_disposition(std::string_view text) {
  return find_named(
      std::array{Disposition::kCompletes, Disposition::kRetries, Disposition::kExhausts, Disposition::kLate}, text);
}

std::optional<DedupeRule> parse_dedupe_rule(std::string_view text) {
  return find_named(std::array{DedupeRule::kActiveRun, DedupeRule::kCooldown, DedupeRule::kSameRun,
                               DedupeRule::kAttemptActive, DedupeRule::kRunCompleted, DedupeRule::kNotCanonical},
                    text);
}

std::optional<DedupeStage> parse_dedupe_stage(std::string_view text) {
  return find_named(std::array{DedupeStage::kDispatch, DedupeStage::kExecute}, text);
}

}  // namespace runledger
