// Walks over deduped events, newest first, and tells each of them, or counts them by identity and rule.
//
// A count looks at the newest kWindowEvents events in the range of times, and the answer says how far back that is: a
// count over all of history would cost as much as there is history.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "ledger/values/json_writer.h"
#include "projections/answers/answers.h"
#include "projections/answers/walk.h"
#include "projections/rows/event_index.h"

namespace runledger::answers {
namespace {

constexpr std::size_t kDuplicatesDefault = 50;
constexpr std::size_t kWindowEvents = 5000;
constexpr std::size_t kInitiatorsShown = 8;

// A deduped event with the run that answered it.
struct Duplicate {
  const Envelope& envelope;
  const Deduped& event;
  const OperationRun::Row& run;
};

class Duplicates {
 public:
  Duplicates(const Answerer& from, const Parameters& parameters)
      : from_(from), parameters_(parameters), filter_(parameters.need_filter()), rules_(parameters.need_rules()) {
    if (auto refused = from.asker.narrow(filter_)) throw Refused(*std::move(refused));
    if (const std::string* text = parameters.find("stage")) {
      stage_ = parse_word<DedupeStage>(*text);
      if (!stage_) refuse("stage.invalid", "expected dispatch or execute");
    }
    binding_ = cursor_binding("duplicates", filter_, parameters);
  }

  Walked walk(std::size_t taken_max, const std::function<void(const Duplicate&)>& visit) {
    const row_index::RowUnion entries = row_index::deduped_events(
        {.workspace = filter_.workspace, .tenant = filter_.workspace ? filter_.tenant : std::nullopt, .rule = rules_});
    const WalkOptions options{.since = filter_.since,
                              .until = filter_.until,
                              .before = need_cursor(from_, parameters_, binding_),
                              .taken_max = taken_max,
                              .scanned_max = kWindowEvents};
    return walk_events(from_, entries, options, [&](const Envelope& envelope) {
      const auto* event = std::get_if<Deduped>(&envelope.event);
      const OperationRun::Row* run = event != nullptr ? row_of(envelope.run) : nullptr;
      if (run == nullptr || !fits(*event, *run)) return Step::kSkipped;
      visit({envelope, *event, *run});
      return Step::kTaken;
    });
  }

  [[nodiscard]] std::optional<std::string> cursor_after(const Walked& walked) const {
    return next_cursor(from_, walked, binding_);
  }

 private:
  bool fits(const Deduped& event, const OperationRun::Row& run) const {
    return row_index::is_in_scope(run, filter_) && filter_.type.admits(run.type) &&
           (!stage_ || event.stage == *stage_) && (!filter_.identity || run.identity == *filter_.identity) &&
           (!filter_.initiator || event.asked_by == filter_.initiator);
  }

  const OperationRun::Row* row_of(RunId run) {
    const auto [place, is_new] = known_.try_emplace(run);
    if (is_new) place->second = from_.rows.find(run);
    if (is_new && place->second) place->second->context = {};  // Nobody asks for it, and it may have 64 KiB.
    return place->second ? &*place->second : nullptr;
  }

  const Answerer& from_;
  const Parameters& parameters_;
  RunFilter filter_;
  AnyOf<DedupeRule> rules_;
  std::optional<DedupeStage> stage_;
  std::string binding_;
  std::unordered_map<RunId, std::optional<OperationRun::Row>> known_;  // At most one for each event of the window.
};

void write_canonical_run(JsonWriter& out, const OperationRun::Row& run) {
  out.member("run_id", run.id).member("type", run.type).member("workspace_id", run.scope.workspace);
  out.member("tenant_id", run.scope.tenant).member("run_identity_hash", format_identity(run.identity));
}

void write_duplicate(JsonWriter& out, const Duplicate& duplicate, const Asker& asker) {
  const auto& [envelope, event, run] = duplicate;
  out.begin_object().member("sequence", asker.position(envelope.sequence).value);
  out.member("recorded_at", envelope.recorded_at).member("occurred_at", envelope.occurred_at);
  out.member("rule", event.rule).member("stage", event.stage).member("asked_by", event.asked_by);
  out.member("caller", format_caller(asker.shown(envelope.caller))).member("retry_at", event.retry_at);
  out.member("requested_run", event.requested_run).member("run_version", envelope.run_version.value);
  write_canonical_run(out, run);
  out.end_object();
}

void write_end(JsonWriter& out, const Walked& walked) {
  out.member("scanned", walked.scanned).member("reached", walked.reached).end_object();
}

std::string feed(Duplicates& duplicates, std::size_t limit, const Asker& asker) {
  JsonWriter out;
  out.begin_object().key("duplicates").begin_array();
  const Walked walked =
      duplicates.walk(limit, [&](const Duplicate& duplicate) { write_duplicate(out, duplicate, asker); });
  out.end_array().member("next_cursor", duplicates.cursor_after(walked));
  write_end(out, walked);
  return out.take();
}

struct DuplicateGroup {
  OperationRun::Row run;  // The newest that answered.
  DedupeRule rule = DedupeRule::kActiveRun;
  std::uint64_t count = 0;
  Time first;
  Time last;
  std::set<std::string> initiators;
};

void write_duplicate_group(JsonWriter& out, const DuplicateGroup& group) {
  out.begin_object().member("rule", group.rule).member("count", group.count);
  out.member("first_at", group.first).member("last_at", group.last);
  out.member("initiators_count", group.initiators.size()).key("initiators").begin_array();
  std::size_t shown = 0;
  for (const std::string& initiator : group.initiators) {
    if (++shown <= kInitiatorsShown) out.text(initiator);
  }
  out.end_array();
  write_canonical_run(out, group.run);
  out.end_object();
}

std::string counted_groups(Duplicates& duplicates, std::size_t limit) {
  std::map<std::pair<Identity, DedupeRule>, DuplicateGroup> by_identity;
  std::uint64_t counted = 0;
  const Walked walked = duplicates.walk(kWindowEvents, [&](const Duplicate& duplicate) {
    ++counted;
    DuplicateGroup& group = by_identity[{duplicate.run.identity, duplicate.event.rule}];
    const Time at = duplicate.envelope.recorded_at;
    if (group.count++ == 0) {
      group.run = duplicate.run;
      group.rule = duplicate.event.rule;
      group.last = at;
    }
    group.first = at;
    if (duplicate.event.asked_by) group.initiators.insert(duplicate.event.asked_by->str());
  });
  std::vector<const DuplicateGroup*> largest;
  for (const auto& [key, group] : by_identity) largest.push_back(&group);
  std::stable_sort(largest.begin(), largest.end(),
                   [](const DuplicateGroup* a, const DuplicateGroup* b) { return a->count > b->count; });
  JsonWriter out;
  out.begin_object().key("groups").begin_array();
  for (std::size_t i = 0; i < std::min(limit, largest.size()); ++i) write_duplicate_group(out, *largest[i]);
  out.end_array().member("groups_count", largest.size()).member("counted", counted);
  write_end(out, walked);
  return out.take();
}

}  // namespace

std::string duplicates(const Answerer& from, const Parameters& parameters) {
  Duplicates duplicates(from, parameters);
  const std::size_t limit = parameters.need_number("limit", kDuplicatesDefault, 1, RowStore::kPageMax);
  const std::string* group = parameters.find("group");
  if (group == nullptr) return feed(duplicates, limit, from.asker);
  if (*group != "identity") refuse("group.invalid", "expected identity");
  if (parameters.find("cursor") != nullptr) refuse("query.invalid", "expected no cursor together with group");
  return counted_groups(duplicates, limit);
}

}  // namespace runledger::answers
