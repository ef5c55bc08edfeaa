// Tells in one word why a run is not being carried out, and what the word is made of: since when it is due, the backoff
// before its retry, its lease, the runs before it, and who could carry it out.
#include <fmt/format.h>

#include <algorithm>

#include "ledger/rules/lease.h"
#include "ledger/values/json_writer.h"
#include "projections/answers/answers.h"
#include "projections/answers/why.h"
#include "projections/folds/run_story.h"

namespace runledger::answers {
namespace {

constexpr std::size_t kQueuedCountedMax = 1000;
constexpr std::size_t kStartsShown = 3;
constexpr std::uint64_t kScopeEventsLookedAt = 256;

class Why {
 public:
  Why(const Answerer& from, OperationRun::Row row)
      : from_(from),
        row_(std::move(row)),
        state_(from.ledger.states().load_run(row_.id)),
        now_(from.ledger.clock().moment()) {
    if (row_.due_at) {
      before_ = from.rows.count_queued_before(row_.type, row_.scope, *row_.due_at, kQueuedCountedMax);
      force_ = from.asker.work_force(row_.type, row_.scope);
    }
    if (const AttemptState* open = state_.open_attempt())
      lease_left_ = lease_left(*open, from.ledger.states().load_life_sign(row_.id), {}, now_);
  }

  std::string answer() const {
    JsonWriter out;
    out.begin_object().member("run_id", row_.id).member("reason", reason());
    out.member("status", row_.status).member("outcome", row_.outcome).member("type", row_.type);
    out.member("attempt", row_.attempt.value).member("max_attempts", row_.max_attempts);
    out.member("in_catalog", from_.ledger.catalog()->entries().contains(row_.type));
    write_due(out);
    write_lease(out);
    write_failure(out);
    write_force(out);
    write_starts(out);
    out.end_object();
    return out.take();
  }

 private:
  WhyNot reason() const {
    if (row_.status == RunStatus::kCompleted) return WhyNot::kCompleted;
    if (row_.imported_open) return WhyNot::kImportedOpen;
    if (row_.status == RunStatus::kRunning)
      return lease_left_ && lease_left_->count() <= 0 ? WhyNot::kLeaseExpired : WhyNot::kRunning;
    if (row_.due_at && *row_.due_at > now_.wall) return WhyNot::kBackoff;
    // Callers of this machine need no token, so tokens matter only if nobody waits.
    if (force_ && force_->is_all && force_->claims_waiting == 0)
      return force_->tokens == 0 ? WhyNot::kNoToken : WhyNot::kNoClaim;
    return before_ > 0 ? WhyNot::kInLine : WhyNot::kDue;
  }

  void write_due(JsonWriter& out) const {
    out.member("due_at", row_.due_at);
    const bool is_due = row_.due_at && *row_.due_at <= now_.wall;
    out.member("due_for_seconds", is_due ? std::optional(in_seconds(now_.wall - *row_.due_at)) : std::nullopt);
    out.member("due_in_seconds",
               row_.due_at && !is_due ? std::optional(in_seconds(*row_.due_at - now_.wall)) : std::nullopt);
    out.member("queued_before", row_.due_at ? std::optional(before_) : std::nullopt);
  }

  void write_lease(JsonWriter& out) const {
    out.key("lease");
    const AttemptState* open = state_.open_attempt();
    if (open == nullptr) {
      out.null();
      return;
    }
    const std::optional<Envelope> started = from_.ledger.log().find(open->started_by);
    const auto* event = started ? std::get_if<AttemptStarted>(&started->event) : nullptr;
    out.begin_object().member("worker", event != nullptr ? std::optional(event->worker) : std::nullopt);
    out.member("started_at", open->started_at).member("lease_seconds", in_seconds(open->lease));
    out.member("left_seconds", in_seconds(std::max(lease_left_.value_or(Duration{}), Duration{}))).end_object();
  }

  void write_failure(JsonWriter& out) const {
    out.member("reason_code", row_.reason_code);
    out.member("failure", row_.failures.empty() ? std::nullopt : std::optional(row_.failures.front().message));
  }

  void write_force(JsonWriter& out) const {
    out.member("claims_waiting", force_ ? std::optional(force_->claims_waiting) : std::nullopt);
    out.member("tokens", force_ ? std::optional(force_->tokens) : std::nullopt);
  }

  // The latest attempts at runs of this type in this scope, which show who claims them.
  void write_starts(JsonWriter& out) const {
    out.key("last_starts").begin_array();
    const ScopeSequence last = from_.ledger.states().load_scope(row_.scope);
    const std::uint64_t looked_at = std::min(last.value, kScopeEventsLookedAt);
    const std::vector<Envelope> events =
        from_.ledger.log().read_scope(row_.scope, ScopeSequence{last.value - looked_at}, looked_at);
    std::size_t shown = 0;
    for (auto event = events.rbegin(); event != events.rend() && shown < kStartsShown; ++event) {
      const auto* started = std::get_if<AttemptStarted>(&event->event);
      const auto row = started != nullptr ? from_.rows.find(event->run) : std::optional<OperationRun::Row>();
      if (!row || row->type != row_.type) continue;
      out.begin_object().member("run_id", event->run).member("worker", started->worker);
      out.member("recorded_at", event->recorded_at).end_object();
      ++shown;
    }
    out.end_array();
  }

  const Answerer& from_;
  OperationRun::Row row_;
  RunState state_;
  Moment now_;
  std::size_t before_ = 0;
  std::optional<WorkForce> force_;
  std::optional<Duration> lease_left_;
};

}  // namespace

std::string why(const Answerer& from, const Parameters& parameters) {
  const std::string* text = parameters.find("run");
  const RunId run{need(parse_uuid(text == nullptr ? "" : *text, "run"))};
  std::optional<OperationRun::Row> row = from.rows.find(run);
  if (!row || !from.asker.covers(row->scope)) throw Refused(no_such_run(run));
  return Why(from, *std::move(row)).answer();
}

}  // namespace runledger::answers
