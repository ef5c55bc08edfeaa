// Counts failures by type and reason code from roll-ups, exactly but for what these left out, and tells the shapes of
// the messages of the newest ones.
//
// The messages are in the rows, so their shapes are those of the newest kRowsMax failed runs of the scope, as far as
// they are in the range, and the answer says how far back these go. Failed runs are those that ended without success
// and have a reason code.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "ledger/values/json_writer.h"
#include "projections/answers/answers.h"
#include "projections/answers/message_shape.h"
#include "projections/answers/window.h"
#include "projections/rows/list_parts.h"
#include "projections/rows/list_search.h"

namespace runledger::answers {
namespace {

constexpr std::size_t kRowsMax = 2000;
constexpr std::size_t kGroupsDefault = 50;
constexpr std::size_t kShapesShown = 5;
constexpr Duration kFailuresRange = std::chrono::hours(24);

struct SeenFailures {
  std::uint64_t runs = 0;
  Time first{Time::kLastUs};
  Time last;
  std::optional<RunId> newest;
  std::set<std::string> scopes;

  void count(const OperationRun::Row& row) {
    ++runs;
    first = std::min(first, *row.completed_at);
    last = std::max(last, *row.completed_at);
    if (!newest) newest = row.id;
    scopes.insert(scope_name(row.scope.workspace.str(), row.scope.tenant ? row.scope.tenant->str() : ""));
  }
  void write(JsonWriter& out) const {
    out.member("first_at", runs > 0 ? std::optional(first) : std::nullopt);
    out.member("last_at", runs > 0 ? std::optional(last) : std::nullopt);
    out.member("scopes", scopes.size()).member("run_id", newest);
  }
};

struct FailureGroup {
  std::uint64_t count = 0;  // By the roll-ups.
  SeenFailures seen;        // Among the newest rows.
  std::map<std::string, SeenFailures> shapes;
};

using FailureKey = std::pair<std::string, std::string>;  // The type and the reason code.

class Failures {
 public:
  Failures(const Answerer& from, const Parameters& parameters)
      : from_(from),
        filter_(parameters.need_filter()),
        limit_(parameters.need_number("limit", kGroupsDefault, 1, RowStore::kPageMax)) {
    const Time now = from.ledger.clock().now();
    if (!filter_.since) filter_.since = Time{std::max<std::int64_t>(0, (now - kFailuresRange).unix_us)};
    if (auto refused = from.asker.narrow(filter_)) throw Refused(*std::move(refused));
    window_.emplace(filter_.since, filter_.until, now);
  }

  std::string answer() {
    count_all();
    look_at_rows();
    return write();
  }

 private:
  void count_all() {
    const RollupGroups found = find_groups(from_.rows, filter_, GroupsBy::kType);
    is_cut_ = found.is_cut;
    for (const RollupGroup& group : found.groups) {
      window_->visit(from_.rows, group.key, [&](const Rollup& rollup) {
        for (const auto& [reason, count] : rollup.failures()) {
          if (!filter_.reason_code || filter_.reason_code->str() == reason)
            groups_[{group.type, reason}].count += count;
        }
        left_out_ += rollup.failures_left_out();
      });
    }
  }

  void look_at_rows() {
    RunFilter failed{.workspace = filter_.workspace,
                     .tenant = filter_.tenant,
                     .type = filter_.type,
                     .reason_code = filter_.reason_code};
    for (const RunOutcome outcome :
         {RunOutcome::kFailed, RunOutcome::kBlocked, RunOutcome::kCancelled, RunOutcome::kPartiallySucceeded})
      failed.outcome.insert(outcome);
    std::string cursor;
    std::uint64_t scanned = 0;
    while (looked_at_ < kRowsMax && scanned < kEntriesPassedOverMax) {
      const RunPage page = need(from_.rows.list(failed, kRunsPerPartMax, cursor));
      for (const OperationRun::Row& row : page.rows) look_at(row);
      looked_at_ += page.rows.size();
      scanned += page.scanned;
      reached_ = page.reached;
      if (!page.next_cursor || page.rows.empty()) return;
      cursor = *page.next_cursor;
    }
  }

  void look_at(const OperationRun::Row& row) {
    // The range is one of recorded times. A journal's run may have been completed long before it was imported, and a
    // run that answers requests is updated long after its end.
    const Time recorded = std::min(row.updated_at, std::max(*row.completed_at, row.created_at));
    if (!row.reason_code || recorded < window_->since() || recorded >= window_->until()) return;
    const auto group = groups_.find({row.type.str(), row.reason_code->str()});
    if (group == groups_.end()) return;  // Its end was recorded in another range after all.
    group->second.seen.count(row);
    const std::string shape = row.failures.empty() ? std::string() : message_shape(row.failures.front().message.str());
    group->second.shapes[shape].count(row);
  }

  std::string write() const {
    std::vector<std::pair<FailureKey, const FailureGroup*>> largest;
    for (const auto& [key, group] : groups_) largest.emplace_back(key, &group);
    std::stable_sort(largest.begin(), largest.end(),
                     [](const auto& a, const auto& b) { return a.second->count > b.second->count; });
    JsonWriter out;
    out.begin_object().member("since", window_->since()).member("until", window_->until());
    out.key("groups").begin_array();
    for (std::size_t i = 0; i < std::min<std::size_t>(limit_, largest.size()); ++i) {
      const auto& [key, group] = largest[i];
      out.begin_object().member("type", key.first).member("reason_code", key.second).member("count", group->count);
      group->seen.write(out);
      write_shapes(out, group->shapes);
      out.end_object();
    }
    out.end_array().member("groups_count", largest.size()).member("left_out", left_out_).member("is_cut", is_cut_);
    out.key("messages_of").begin_object().member("runs", looked_at_).member("reached", reached_).end_object();
    out.end_object();
    return out.take();
  }

  static void write_shapes(JsonWriter& out, const std::map<std::string, SeenFailures>& shapes) {
    std::vector<const std::pair<const std::string, SeenFailures>*> most;
    for (const auto& each : shapes) most.push_back(&each);
    std::stable_sort(most.begin(), most.end(),
                     [](const auto* a, const auto* b) { return a->second.runs > b->second.runs; });
    out.key("shapes").begin_array();
    for (std::size_t i = 0; i < std::min(kShapesShown, most.size()); ++i) {
      out.begin_object().member("shape", most[i]->first).member("runs", most[i]->second.runs);
      most[i]->second.write(out);
      out.end_object();
    }
    out.end_array();
  }

  const Answerer& from_;
  RunFilter filter_;
  std::uint64_t limit_;
  std::optional<RollupWindow> window_;
  std::map<FailureKey, FailureGroup> groups_;
  std::uint64_t left_out_ = 0;
  bool is_cut_ = false;
  std::size_t looked_at_ = 0;
  std::optional<Time> reached_;
};

}  // namespace

std::string failures(const Answerer& from, const Parameters& parameters) {
  return Failures(from, parameters).answer();
}

}  // namespace runledger::answers
