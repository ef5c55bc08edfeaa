// Reads times as people type them: "2h", "yesterday", "2026-11-28", or RFC 3339.
#pragma once

#include <string>
#include <string_view>

#include "ledger/values/time.h"
#include "projections/rows/run_list.h"
#include "tools/cli/options/options.h"

namespace runledger {

// The name of such a value in the help, also beside a position of the log, and what the help says of it.
inline constexpr std::string_view kTimeValue = "TIME";
inline constexpr std::string_view kSequenceOrTimeValue = "SEQ|TIME";
inline constexpr std::string_view kTimeHelp =
    "TIME is RFC 3339 (2026-01-31T12:00:00Z), how long ago (90s, 15m, 1h, 2d), or today, yesterday or a date\n"
    "(2026-01-31), which mean the first moment of that day in the local time zone (TZ).";

// Returns the time that `typed` means at `now`:
//   - a time of RFC 3339 with a zone: that time;
//   - decimal digits and a unit, s, m, h or d (24 hours): so long before `now`;
//   - "today", "yesterday", or YYYY-MM-DD: the first moment of that day in the local time zone (TZ, see tzset(3)).
// Codes "time.invalid", also for a day that does not exist, and "time.out_of_range" before 1970 and after 9999.
[[nodiscard]] Result<Time> read_time(std::string_view typed, Time now);

// The same for the present moment of this machine. Throws Refused.
[[nodiscard]] Time require_time(std::string_view typed);

// FROM/UNTIL, each of which is such a time. Codes also "range.invalid". Throws Refused.
[[nodiscard]] TimeRange require_time_range(std::string_view typed);

}  // namespace runledger
