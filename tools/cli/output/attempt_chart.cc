// Scales times to columns: an attempt takes at least one.
#include "tools/cli/output/attempt_chart.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/cli/output/brief_time.h"
#include "tools/cli/output/text_width.h"

namespace runledger {
namespace {

constexpr std::size_t kBarWidthMin = 10;

// Where a line begins, and how many columns there are for the time from `from` to `until`.
struct Axis {
  Time from;
  Time until;
  std::size_t columns;

  [[nodiscard]] std::size_t column_of(Time time) const {
    const double whole = std::max(in_seconds(until - from), 1e-6);
    const double part = std::clamp(in_seconds(time - from) / whole, 0.0, 1.0);
    return static_cast<std::size_t>(part * static_cast<double>(columns));
  }
};

std::string repeated(std::string_view character, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += character;
  return text;
}

bool is_open(const AttemptRow& attempt, const OperationRun::Row& row) {
  return !attempt.finished_at && row.status == RunStatus::kRunning && attempt.attempt == row.attempt;
}

Colour colour_of_attempt(const AttemptRow& attempt, const OperationRun::Row& row) {
  if (is_open(attempt, row)) return Colour::kYellow;
  if (!attempt.outcome || attempt.late) return Colour::kDim;
  switch (*attempt.outcome) {
    case AttemptOutcome::kSucceeded:
      return Colour::kGreen;
    case AttemptOutcome::kPartiallySucceeded:
    case AttemptOutcome::kBlocked:
      return Colour::kYellow;
    case AttemptOutcome::kFailed:
    case AttemptOutcome::kLost:
      return Colour::kRed;
    case AttemptOutcome::kCancelled:
      return Colour::kDim;
  }
  return Colour::kNone;
}

std::string end_text(const AttemptRow& attempt, const OperationRun::Row& row, Time now) {
  if (is_open(attempt, row)) return fmt::format("  {}, running", brief_duration(now - attempt.started_at));
  if (!attempt.finished_at) return "  superseded";
  return fmt::format("  {} {}{}", brief_duration(*attempt.finished_at - attempt.started_at),
                     attempt.outcome ? to_string(*attempt.outcome) : "superseded", attempt.late ? " (late)" : "");
}

// When the attempt was over for the run: an attempt without a report ended when the next one started.
Time end_of(const std::vector<AttemptRow>& attempts, std::size_t i, const Axis& axis) {
  if (attempts[i].finished_at) return *attempts[i].finished_at;
  return i + 1 < attempts.size() ? attempts[i + 1].started_at : axis.until;
}

Time last_moment(const RunStory& story, Time now) {
  if (story.row.status != RunStatus::kCompleted) return now;
  Time last = story.row.completed_at.value_or(now);
  for (const AttemptRow& attempt : story.attempts) last = std::max(last, attempt.finished_at.value_or(last));
  return last;
}

void draw(ChartLine& line, Time waits_from, const AttemptRow& attempt, Time ended, const Axis& axis) {
  const std::size_t start = std::min(axis.column_of(attempt.started_at), axis.columns - 1);
  const std::size_t wait = std::min(axis.column_of(waits_from), start);
  const std::size_t end = std::max(axis.column_of(ended), start + 1);
  line.wait = std::string(wait, ' ') + repeated("·", start - wait);
  line.bar = repeated("█", end - start);
}

}  // namespace

std::vector<ChartLine> attempt_chart(const RunStory& story, Time now, std::size_t width) {
  const std::vector<AttemptRow>& attempts = story.attempts;
  const std::size_t first = attempts.size() - std::min(attempts.size(), kChartedMax);
  std::vector<ChartLine> lines;
  std::size_t texts_width = 0;
  for (std::size_t i = first; i < attempts.size(); ++i) {
    const AttemptRow& attempt = attempts[i];
    lines.push_back({.label = fmt::format("  #{:<3}", attempt.attempt.value),
                     .wait = "",
                     .bar = "",
                     .after = end_text(attempt, story.row, now),
                     .colour = colour_of_attempt(attempt, story.row)});
    texts_width = std::max(texts_width, lines.back().label.size() + text_width(lines.back().after));
  }
  if (width < texts_width + kBarWidthMin) return {};
  const Axis axis{story.row.requested_at, last_moment(story, now), width - texts_width};
  for (std::size_t i = first; i < attempts.size(); ++i) {
    const Time waits_from = i == 0 ? axis.from : end_of(attempts, i - 1, axis);
    draw(lines[i - first], waits_from, attempts[i], end_of(attempts, i, axis), axis);
  }
  return lines;
}

}  // namespace runledger
