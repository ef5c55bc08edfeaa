// Adds up what happened in a range of times, in all and by type, from roll-ups.
#include <map>

#include "ledger/values/json_writer.h"
#include "projections/answers/answers.h"
#include "projections/answers/window.h"

namespace runledger::answers {
namespace {

template <class Enum>
void write_counts(JsonWriter& out, std::string_view name, const Rollup& rollup, Rollup::Kind kind) {
  out.key(name).begin_object();
  for (const auto& [value, word] : kEnumWords<Enum>) {
    const std::uint64_t count = rollup.count(kind, static_cast<std::size_t>(value));
    if (count > 0) out.member(word, count);
  }
  out.end_object();
}

void write_durations(JsonWriter& out, std::string_view name, const Rollup& rollup, Rollup::Kind kind) {
  out.key(name).begin_object().member("count", rollup.total(kind));
  for (const auto& [percentile, share] :
       {std::pair("p50_seconds", 0.5), {"p95_seconds", 0.95}, {"p99_seconds", 0.99}}) {
    const std::optional<Duration> value = rollup.percentile(kind, share);
    out.member(percentile, value ? std::optional(in_seconds(*value)) : std::nullopt);
  }
  out.key("buckets").begin_array();
  for (std::size_t bucket = 0; bucket < kDurationBuckets; ++bucket) {
    const std::uint64_t count = rollup.count(kind, bucket);
    if (count == 0) continue;
    out.begin_object().member("up_to_seconds", in_seconds(bounds_of_bucket(bucket).second));
    out.member("count", count).end_object();
  }
  out.end_array().end_object();
}

void write_rollup(JsonWriter& out, const Rollup& rollup) {
  out.member("requested", rollup.total(Rollup::Kind::kRequested));
  out.member("started", rollup.total(Rollup::Kind::kStarted));
  out.member("completed", rollup.total(Rollup::Kind::kCompleted));
  write_counts<RunOutcome>(out, "by_outcome", rollup, Rollup::Kind::kCompleted);
  write_counts<DedupeRule>(out, "deduped", rollup, Rollup::Kind::kDeduped);
  out.key("failures").begin_object();
  for (const auto& [reason, count] : rollup.failures()) out.member(reason, count);
  out.end_object().member("failures_left_out", rollup.failures_left_out());
  write_durations(out, "wait", rollup, Rollup::Kind::kWait);
  write_durations(out, "duration", rollup, Rollup::Kind::kDuration);
}

}  // namespace

std::string totals(const Answerer& from, const Parameters& parameters) {
  RunFilter filter = parameters.need_filter();
  const std::optional<Time> as_of = parameters.find_time("as_of");
  if (as_of && filter.until) refuse("query.invalid", "expected either as_of or until, found both");
  if (as_of) filter.until = *as_of + Duration{1};
  const RollupWindow window(filter.since, filter.until, from.ledger.clock().now());
  filter.since.reset();
  filter.until.reset();
  if (auto refused = from.asker.narrow(filter)) throw Refused(*std::move(refused));
  const RollupGroups found = find_groups(from.rows, filter, GroupsBy::kType);
  Rollup all;
  std::map<std::string, Rollup> by_type;
  for (const RollupGroup& group : found.groups) {
    Rollup& of_type = by_type[group.type];
    window.visit(from.rows, group.key, [&](const Rollup& rollup) { of_type.add(rollup); });
  }
  for (const auto& [type, rollup] : by_type) all.add(rollup);
  JsonWriter out;
  out.begin_object().member("since", window.since()).member("until", window.until());
  write_rollup(out, all);
  out.key("by_type").begin_array();
  for (const auto& [type, rollup] : by_type) {
    out.begin_object().member("type", type);
    write_rollup(out, rollup);
    out.end_object();
  }
  out.end_array().member("is_cut", found.is_cut).end_object();
  return out.take();
}

}  // namespace runledger::answers
