// Times as a person at a terminal reads them: in the local time zone, and how long ago.
#pragma once

#include <string>

#include "ledger/values/time.h"
#include "tools/cli/output/output.h"

namespace runledger {

// The time as a clock in the local time zone (TZ, see tzset(3)) shows it, to the second: "2026-11-28 14:03:07".
[[nodiscard]] std::string local_time(Time time);

// How long before or after `now` it is, in one unit, if that is less than a day: "3 min ago", "in 20 s". Otherwise the
// local date and time, to the minute: "2026-11-28 14:03".
[[nodiscard]] std::string brief_time(Time time, Time now);

// On a terminal local_time(), and how long before or after the present it is, if that is less than a day:
// "2026-11-28 14:03:07 (3 min ago)". Elsewhere format_time().
[[nodiscard]] std::string time_text(Time time, const Output& out);

// Makes the text of a time within a sentence.
using TimeText = std::string (*)(Time);
// On a terminal local_time(), elsewhere format_time().
[[nodiscard]] TimeText clock_of(const Output& out);

// A length of time in its two largest units: "350 ms", "12 s", "3 min 20 s", "5 h 2 min", "4 d 1 h".
[[nodiscard]] std::string brief_duration(Duration duration);

}  // namespace runledger
