// Groups open attempts and the attempts of the last day by their worker.
//
// Open attempts are those of the running runs, of which the newest kRunningMax are looked at. What a worker did lately
// comes from the newest kStartsMax attempts of the last 24 hours, among kEventsMax events; `reached` says how far back
// these go.
#include <algorithm>
#include <map>

#include "ledger/rules/lease.h"
#include "ledger/values/json_writer.h"
#include "projections/answers/answers.h"
#include "projections/answers/attempt_end.h"
#include "projections/answers/walk.h"
#include "projections/rows/list_parts.h"
#include "projections/rows/list_search.h"

namespace runledger::answers {
namespace {

constexpr std::size_t kRunningMax = 2000;
constexpr std::size_t kStartsMax = 500;
constexpr std::size_t kEventsMax = 4000;
constexpr std::size_t kWorkersDefault = 100;
constexpr std::size_t kAttemptsShown = 20;
constexpr Duration kLately = std::chrono::hours(24);

struct OpenAttempt {
  OperationRun::Row run;
  AttemptNumber attempt;
  Time started_at;
  std::optional<Time> last_sign;
  Duration left{};
};

struct BusyWorker {
  std::vector<OpenAttempt> open;
  std::uint64_t started = 0;  // Lately; so are the next two.
  std::uint64_t lost = 0;
  std::uint64_t failed = 0;
  std::optional<Time> last_start;
};

class Workers {
 public:
  Workers(const Answerer& from, const Parameters& parameters)
      : from_(from),
        filter_(parameters.need_filter()),
        limit_(parameters.need_number("limit", kWorkersDefault, 1, RowStore::kPageMax)),
        now_(from.ledger.clock().moment()) {
    if (auto refused = from.asker.narrow(filter_)) throw Refused(*std::move(refused));
  }

  std::string answer() {
    look_at_running();
    look_at_starts();
    return write();
  }

 private:
  void look_at_running() {
    RunFilter running{.workspace = filter_.workspace,
                      .tenant = filter_.tenant,
                      .type = filter_.type,
                      .status = RunStatus::kRunning,
                      .worker = filter_.worker};
    std::string cursor;
    std::size_t looked_at = 0;
    std::uint64_t scanned = 0;
    while (looked_at < kRunningMax && scanned < kEntriesPassedOverMax) {
      RunPage page = need(from_.rows.list(running, kRunsPerPartMax, cursor));
      looked_at += page.rows.size();
      scanned += page.scanned;
      for (OperationRun::Row& row : page.rows) add_open(std::move(row));
      if (!page.next_cursor || page.rows.empty()) return;
      cursor = *page.next_cursor;
    }
    is_cut_ = true;
  }

  void add_open(OperationRun::Row row) {
    const RunState state = from_.ledger.states().load_run(row.id);
    const AttemptState* open = state.open_attempt();
    if (open == nullptr) return;  // It has ended since the rows were read.
    const std::optional<Envelope> started = from_.ledger.log().find(open->started_by);
    const auto* event = started ? std::get_if<AttemptStarted>(&started->event) : nullptr;
    if (event == nullptr || (filter_.worker && event->worker != *filter_.worker)) return;
    const std::optional<LifeSign> sign = from_.ledger.states().load_life_sign(row.id);
    const bool is_of_attempt = sign && sign->token == open->token;
    const Duration left = lease_left(*open, sign, {}, now_);
    row.context = {};  // Nobody asks for it, and it may have 64 KiB.
    workers_[event->worker.str()].open.push_back(
        {.run = std::move(row),
         .attempt = event->attempt,
         .started_at = open->started_at,
         .last_sign = is_of_attempt ? std::optional(sign->at.wall) : std::nullopt,
         .left = std::max(left, Duration{})});
  }

  void look_at_starts() {
    const WalkOptions options{.since = now_.wall - kLately, .taken_max = kStartsMax, .scanned_max = kEventsMax};
    const Walked walked = walk_back(from_, options, [&](const Envelope& envelope) {
      const auto* started = std::get_if<AttemptStarted>(&envelope.event);
      if (started == nullptr || (filter_.worker && started->worker != *filter_.worker)) return Step::kSkipped;
      const auto run = from_.rows.find(envelope.run);
      if (!run || !row_index::is_in_scope(*run, filter_) || !filter_.type.admits(run->type)) return Step::kSkipped;
      BusyWorker& worker = workers_[started->worker.str()];
      ++worker.started;
      if (!worker.last_start) worker.last_start = envelope.recorded_at;
      const std::optional<AttemptEnd> end = find_attempt_end(from_.ledger.log(), envelope);
      if (end && end->outcome == AttemptOutcome::kLost) ++worker.lost;
      if (end && end->outcome == AttemptOutcome::kFailed) ++worker.failed;
      return Step::kTaken;
    });
    reached_ = walked.reached;
  }

  std::string write() const {
    std::vector<std::pair<std::string, const BusyWorker*>> busiest;
    for (const auto& [name, worker] : workers_) busiest.emplace_back(name, &worker);
    std::stable_sort(busiest.begin(), busiest.end(), [](const auto& a, const auto& b) {
      return std::pair(a.second->open.size(), a.second->started) > std::pair(b.second->open.size(), b.second->started);
    });
    JsonWriter out;
    out.begin_object().key("workers").begin_array();
    for (std::size_t i = 0; i < std::min<std::size_t>(limit_, busiest.size()); ++i)
      write_worker(out, busiest[i].first, *busiest[i].second);
    out.end_array().member("workers_count", busiest.size()).member("is_cut", is_cut_);
    out.member("reached", reached_).end_object();
    return out.take();
  }

  static void write_worker(JsonWriter& out, const std::string& name, const BusyWorker& worker) {
    out.begin_object().member("worker", name).member("open_attempts", worker.open.size());
    out.member("started", worker.started).member("lost", worker.lost).member("failed", worker.failed);
    out.member("last_start", worker.last_start).key("attempts").begin_array();
    for (std::size_t i = 0; i < std::min(kAttemptsShown, worker.open.size()); ++i) {
      const OpenAttempt& open = worker.open[i];
      out.begin_object().member("run_id", open.run.id).member("type", open.run.type);
      out.member("workspace_id", open.run.scope.workspace).member("tenant_id", open.run.scope.tenant);
      out.member("attempt", open.attempt.value).member("started_at", open.started_at);
      out.member("last_sign_at", open.last_sign).member("left_seconds", in_seconds(open.left)).end_object();
    }
    out.end_array().end_object();
  }

  const Answerer& from_;
  RunFilter filter_;
  std::uint64_t limit_;
  Moment now_;
  std::map<std::string, BusyWorker> workers_;
  bool is_cut_ = false;
  std::optional<Time> reached_;
};

}  // namespace

std::string workers(const Answerer& from, const Parameters& parameters) {
  return Workers(from, parameters).answer();
}

}  // namespace runledger::answers
