// The attempts of a run as bars on one axis of time, for a terminal.
#pragma once

#include <string>
#include <vector>

#include "projections/folds/run_story.h"
#include "tools/cli/output/table.h"

namespace runledger {

// One attempt. The whole line is `label`, `wait`, `bar` and `after`, one after the other.
struct ChartLine {
  std::string label;  // "  #1  "
  std::string wait;   // Blanks, and "·" for the time from the request, or the end of the attempt before, to its start.
  std::string bar;    // "█" for the time of the attempt, one or more.
  std::string after;  // How long it took and how it ended.
  Colour colour = Colour::kNone;

  friend bool operator==(const ChartLine&, const ChartLine&) = default;
};

// Returns a line of at most `width` characters for each of the last kChartedMax attempts. The axis leads from the
// request to the end of the run, or to `now` while the run goes on. Empty when there is no attempt, or the terminal too
// narrow.
inline constexpr std::size_t kChartedMax = 20;
[[nodiscard]] std::vector<ChartLine> attempt_chart(const RunStory& story, Time now, std::size_t width);

}  // namespace runledger
