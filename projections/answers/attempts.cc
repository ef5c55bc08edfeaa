// Walks over events, newest first, takes those that started attempts, and looks for the end of each.
#include "ledger/values/json_writer.h"
#include "projections/answers/answers.h"
#include "projections/answers/attempt_end.h"
#include "projections/answers/walk.h"

namespace runledger::answers {
namespace {

constexpr std::size_t kAttemptsDefault = 50;
constexpr std::size_t kAttemptsScannedMax = 10'000;

void write_attempt(JsonWriter& out, const Envelope& envelope, const AttemptStarted& started,
                   const OperationRun::Row& run, const std::optional<AttemptEnd>& end) {
  out.begin_object().member("run_id", run.id).member("type", run.type);
  out.member("workspace_id", run.scope.workspace).member("tenant_id", run.scope.tenant);
  out.member("attempt", started.attempt.value).member("token", envelope.scope_sequence.value);
  out.member("worker", started.worker).member("started_at", envelope.happened_at());
  out.member("recorded_at", envelope.recorded_at).member("lease_seconds", in_seconds(started.lease));
  out.member("ended_at", end ? std::optional(end->ended_at) : std::nullopt);
  out.member("outcome", end ? end->outcome : std::nullopt);
  out.member("reason_code", end ? end->reason_code : std::nullopt);
  out.member("late", end && end->is_late);
  out.member("run_status", run.status).member("run_outcome", run.outcome).end_object();
}

}  // namespace

std::string attempts(const Answerer& from, const Parameters& parameters) {
  RunFilter filter = parameters.need_filter();
  if (auto refused = from.asker.narrow(filter)) throw Refused(*std::move(refused));
  const std::string binding = cursor_binding("attempts", filter, parameters);
  const WalkOptions options{.since = filter.since,
                            .until = filter.until,
                            .before = need_cursor(from, parameters, binding),
                            .taken_max = parameters.need_number("limit", kAttemptsDefault, 1, RowStore::kPageMax),
                            .scanned_max = kAttemptsScannedMax};
  JsonWriter out;
  out.begin_object().key("attempts").begin_array();
  const Walked walked = walk_back(from, options, [&](const Envelope& envelope) {
    const auto* started = std::get_if<AttemptStarted>(&envelope.event);
    if (started == nullptr || (filter.worker && started->worker != *filter.worker)) return Step::kSkipped;
    const std::optional<OperationRun::Row> run = from.rows.find(envelope.run);
    if (!run || !row_index::is_in_scope(*run, filter) || !filter.type.admits(run->type)) return Step::kSkipped;
    write_attempt(out, envelope, *started, *run, find_attempt_end(from.ledger.log(), envelope));
    return Step::kTaken;
  });
  out.end_array().member("next_cursor", next_cursor(from, walked, binding));
  out.member("scanned", walked.scanned).member("reached", walked.reached).end_object();
  return out.take();
}

}  // namespace runledger::answers
