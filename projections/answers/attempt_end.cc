// The first event that ends the attempt counts: its own report, a later start, or the end of the run.
#include "projections/answers/attempt_end.h"

#include "ledger/base/assert.h"

namespace runledger {
namespace {

constexpr std::size_t kEventsLookedAtFirst = 2;

std::optional<AttemptEnd> end_by(const Envelope& envelope, AttemptNumber attempt) {
  AttemptEnd end{.ended_at = envelope.happened_at(),
                 .recorded_at = envelope.recorded_at,
                 .outcome = std::nullopt,
                 .reason_code = std::nullopt};
  if (const auto* finished = std::get_if<AttemptFinished>(&envelope.event)) {
    if (finished->attempt != attempt) return std::nullopt;
    end.outcome = finished->outcome;
    end.is_late = finished->disposition == Disposition::kLate;
    if (!finished->failures.empty()) end.reason_code = finished->failures.front().reason_code;
    return end;
  }
  if (const auto* failed = std::get_if<RunFailed>(&envelope.event)) {
    end.reason_code = failed->reason_code;
    return end;
  }
  const bool is_superseded =
      std::holds_alternative<AttemptStarted>(envelope.event) || std::holds_alternative<RunAdopted>(envelope.event);
  return is_superseded ? std::optional(end) : std::nullopt;
}

}  // namespace

std::optional<AttemptEnd> find_attempt_end(const EventLog& log, const Envelope& started) {
  const auto* start = std::get_if<AttemptStarted>(&started.event);
  RUNLEDGER_ASSERT(start != nullptr);
  // Nearly always the next event or the one after it is the end.
  RunVersion after = started.run_version;
  for (const std::size_t count : {kEventsLookedAtFirst, kEventsLookedAt - kEventsLookedAtFirst}) {
    for (const Envelope& envelope : log.read_run(started.run, log.last(), after, count)) {
      if (auto end = end_by(envelope, start->attempt)) return end;
      after = envelope.run_version;
    }
  }
  return std::nullopt;
}

}  // namespace runledger
