// Counts what happened in each step of a range of times, from roll-ups.
//
// A step is a whole number of minutes, and the roll-ups are those of the longest kept intervals that divide it. The
// number of points is limited, and so is the number of lines: those with the smallest totals are added to `left_out`.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "ledger/values/json_writer.h"
#include "projections/answers/answers.h"
#include "projections/answers/series.h"
#include "projections/answers/window.h"

namespace runledger::answers {
namespace {

using row_index::Grain;

constexpr std::size_t kPointsMax = 400;
constexpr std::size_t kRollupsMax = 200'000;  // As many roll-ups are read, at most, before the rest is left out.
constexpr std::size_t kPointsWished = 120;
constexpr std::size_t kLinesMax = 20;
constexpr Duration kSeriesRange = std::chrono::hours(24);
constexpr std::int64_t kStepsOfChoice[] = {60,    300,   600,   900,    1800,   3600,    7200,   10800,
                                           21600, 43200, 86400, 172800, 604800, 1209600, 2592000};

struct Steps {
  Time since = {};
  Duration step{};
  std::size_t count = 0;
  Grain grain = Grain::kMinute;

  [[nodiscard]] Time until() const { return since + step * static_cast<std::int64_t>(count); }
};

Grain grain_of(Duration step) {
  for (const Grain grain : {Grain::kDay, Grain::kHour}) {
    if (step.count() % row_index::length_of(grain).count() == 0) return grain;
  }
  return Grain::kMinute;
}

std::size_t points(Time since, Time until, Duration step) {
  const std::int64_t first = since.unix_us / step.count();
  const std::int64_t end = (until.unix_us + step.count() - 1) / step.count();
  return static_cast<std::size_t>(std::max<std::int64_t>(end - first, 1));
}

Duration need_step(const Parameters& parameters, Time since, Time until, Time now) {
  if (parameters.find("step") != nullptr) {
    const Duration step = std::chrono::seconds(parameters.need_number("step", 0, 60, 366 * 86400ULL));
    if (step.count() % row_index::length_of(Grain::kMinute).count() != 0)
      refuse("step.invalid", "expected a step of whole minutes");
    if (points(since, until, step) > kPointsMax)
      refuse("step.invalid",
             fmt::format("expected at most {} steps, found {}", kPointsMax, points(since, until, step)));
    if (since < row_index::kept_from(grain_of(step), now))
      refuse("step.invalid",
             "expected a step whose intervals are still kept at `since`: minutes are kept for 7 days, "
             "hours for 90");
    return step;
  }
  for (const std::int64_t seconds : kStepsOfChoice) {
    const Duration step = std::chrono::seconds(seconds);
    if (points(since, until, step) <= kPointsWished && since >= row_index::kept_from(grain_of(step), now)) return step;
  }
  return std::chrono::seconds(std::end(kStepsOfChoice)[-1]);
}

Steps need_steps(const Parameters& parameters, Time now) {
  const Time asked_until = parameters.find_time("until").value_or(now + Duration{1});
  const Time until = std::min(asked_until, now + Duration{1});  // Nothing is recorded after it.
  Time since = parameters.find_time("since").value_or(Time{std::max<std::int64_t>(0, (until - kSeriesRange).unix_us)});
  if (since > asked_until) refuse("range.invalid", "expected since at or before until");
  since = std::min(since, until);
  Steps steps{.step = need_step(parameters, since, until, now)};
  steps.count = std::min(points(since, until, steps.step), kPointsMax);
  const std::int64_t end = (until.unix_us + steps.step.count() - 1) / steps.step.count();
  const std::int64_t first = std::max<std::int64_t>(0, end - static_cast<std::int64_t>(steps.count));
  steps.since = Time{first * steps.step.count()};
  steps.grain = grain_of(steps.step);
  return steps;
}

using Line = std::vector<std::uint64_t>;

std::uint64_t measure(const Rollup& rollup, SeriesOf of) {
  switch (of) {
    case SeriesOf::kRequested:
      return rollup.total(Rollup::Kind::kRequested);
    case SeriesOf::kStarted:
      return rollup.total(Rollup::Kind::kStarted);
    case SeriesOf::kDeduped:
      return rollup.total(Rollup::Kind::kDeduped);
    case SeriesOf::kCompleted:
      return rollup.total(Rollup::Kind::kCompleted);
    case SeriesOf::kFailed:
      return rollup.count(Rollup::Kind::kCompleted, static_cast<std::size_t>(RunOutcome::kFailed));
  }
  return 0;
}

class Series {
 public:
  Series(const Answerer& from, const Parameters& parameters) : from_(from), filter_(parameters.need_filter()) {
    filter_.since.reset();
    filter_.until.reset();
    if (auto refused = from.asker.narrow(filter_)) throw Refused(*std::move(refused));
    by_ = need_word<SeriesBy>(parameters, "by", SeriesBy::kNothing, "expected by to be outcome, rule, type or tenant");
    of_ = need_word<SeriesOf>(parameters, "of", SeriesOf::kRequested,
                              "expected of to be requested, started, deduped, completed or failed");
    const bool has_of = parameters.find("of") != nullptr;
    if (has_of && by_ != SeriesBy::kType && by_ != SeriesBy::kTenant)
      refuse("query.invalid", "expected of together with by=type or by=tenant");
    steps_ = need_steps(parameters, from.ledger.clock().now());
    points_.resize(steps_.count);
  }

  std::string answer() {
    const RollupGroups found =
        find_groups(from_.rows, filter_, by_ == SeriesBy::kTenant ? GroupsBy::kTenant : GroupsBy::kType);
    for (const RollupGroup& group : found.groups) {
      if (looked_at_ > kRollupsMax) break;
      from_.rows.visit_rollups(group.key, steps_.grain, steps_.since, steps_.until(),
                               [&](Time start, const Rollup& rollup) { take(group, start, rollup); });
    }
    if (by_ == SeriesBy::kNothing || by_ == SeriesBy::kOutcome || by_ == SeriesBy::kRule) derive_lines();
    return write(found.is_cut || looked_at_ > kRollupsMax);
  }

 private:
  template <class Enum>
  static Enum need_word(const Parameters& parameters, std::string_view name, Enum otherwise, std::string_view form) {
    const std::string* text = parameters.find(name);
    if (text == nullptr) return otherwise;
    const std::optional<Enum> word = parse_word<Enum>(*text);
    if (!word) refuse(fmt::format("{}.invalid", name), std::string(form));
    return *word;
  }

  void take(const RollupGroup& group, Time start, const Rollup& rollup) {
    ++looked_at_;
    const auto index = static_cast<std::size_t>((start - steps_.since).count() / steps_.step.count());
    switch (by_) {
      case SeriesBy::kType:
        line(group.type)[index] += measure(rollup, of_);
        return;
      case SeriesBy::kTenant:
        line(filter_.workspace ? group.tenant : scope_name(group.workspace, group.tenant))[index] +=
            measure(rollup, of_);
        return;
      case SeriesBy::kNothing:
      case SeriesBy::kOutcome:
      case SeriesBy::kRule:
        points_[index].add(rollup);
        return;
    }
  }

  Line& line(const std::string& name) { return lines_.try_emplace(name, steps_.count, 0).first->second; }

  void derive_lines() {
    for (std::size_t i = 0; i < points_.size(); ++i) {
      if (by_ == SeriesBy::kOutcome) derive<RunOutcome>(i, Rollup::Kind::kCompleted);
      if (by_ == SeriesBy::kRule) derive<DedupeRule>(i, Rollup::Kind::kDeduped);
      if (by_ != SeriesBy::kNothing) continue;
      for (const auto& [of, word] : kEnumWords<SeriesOf>) line(std::string(word))[i] = measure(points_[i], of);
    }
  }

  template <class Enum>
  void derive(std::size_t i, Rollup::Kind kind) {
    for (const auto& [value, word] : kEnumWords<Enum>) {
      const std::uint64_t count = points_[i].count(kind, static_cast<std::size_t>(value));
      if (count > 0) line(std::string(word))[i] = count;
    }
  }

  std::string write(bool is_cut) {
    std::vector<std::pair<std::uint64_t, std::string>> largest;
    for (const auto& [name, values] : lines_) {
      std::uint64_t total = 0;
      for (const std::uint64_t value : values) total += value;
      largest.emplace_back(total, name);
    }
    std::stable_sort(largest.begin(), largest.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::uint64_t left_out = 0;
    JsonWriter out;
    out.begin_object().member("since", steps_.since).member("until", steps_.until());
    out.member("step_seconds", std::chrono::duration_cast<std::chrono::seconds>(steps_.step).count());
    out.member("points", steps_.count).key("series").begin_array();
    for (std::size_t i = 0; i < largest.size(); ++i) {
      const auto& [total, name] = largest[i];
      if (i >= kLinesMax) {
        left_out += total;
        continue;
      }
      out.begin_object().member("name", name).member("total", total).key("points").begin_array();
      for (const std::uint64_t value : lines_.at(name)) out.number(value);
      out.end_array().end_object();
    }
    out.end_array().member("left_out", left_out).member("is_cut", is_cut);
    out.key("durations").begin_object();
    if (by_ == SeriesBy::kNothing) write_durations(out);
    out.end_object().end_object();
    return out.take();
  }

  void write_durations(JsonWriter& out) const {
    for (const auto& [name, kind] :
         {std::pair("wait", Rollup::Kind::kWait), std::pair("duration", Rollup::Kind::kDuration)}) {
      for (const auto& [suffix, share] : {std::pair("p50", 0.5), std::pair("p95", 0.95)}) {
        out.key(fmt::format("{}_{}_seconds", name, suffix)).begin_array();
        for (const Rollup& point : points_) {
          const std::optional<Duration> value = point.percentile(kind, share);
          out.value(value ? std::optional(in_seconds(*value)) : std::nullopt);
        }
        out.end_array();
      }
    }
  }

  const Answerer& from_;
  RunFilter filter_;
  SeriesBy by_ = SeriesBy::kNothing;
  SeriesOf of_ = SeriesOf::kRequested;
  Steps steps_;
  std::size_t looked_at_ = 0;  // Roll-ups.
  std::vector<Rollup> points_;
  std::map<std::string, Line> lines_;
};

}  // namespace

std::string series(const Answerer& from, const Parameters& parameters) {
  return Series(from, parameters).answer();
}

}  // namespace runledger::answers
