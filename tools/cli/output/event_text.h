// Describes events in sentences, for people.
#pragma once

#include <string>

#include "ledger/rules/event.h"
#include "tools/cli/output/brief_time.h"

namespace runledger {

// Says what happened, without the run and the time: "attempt 2 started by w1, lease 60 s". `time_text` makes the text
// of a time in it.
[[nodiscard]] std::string event_text(const Envelope& envelope, TimeText time_text = format_time);

// A whole line, without its end: the sequence, the time, the scope, the run, and what happened.
[[nodiscard]] std::string envelope_text(const Envelope& envelope);
// The same for a terminal: the time is local, and the run the first characters of its id.
[[nodiscard]] std::string brief_envelope_text(const Envelope& envelope);

[[nodiscard]] std::string scope_text(const Scope& scope);            // "acme/north", "acme"
[[nodiscard]] std::string counts_text(const Counts& counts);         // "failed=1 total=3"
[[nodiscard]] std::string labels_text(const Labels& labels);         // "region=eu tier=gold"
[[nodiscard]] std::string failure_text(const FailureNote& failure);  // "graph.throttled: 429 after 5 tries"
[[nodiscard]] std::string duration_text(Duration duration);          // "60 s", "1.5 s"

}  // namespace runledger
