// Events as a stream of server-sent events (the text/event-stream of the HTML standard).
#pragma once

#include <string>

#include "tools/daemon/session.h"

namespace runledger {

struct StreamedEvents {
  std::string text;     // Empty: nothing of this caller's.
  Sequence next;        // Where to go on.
  bool failed = false;  // The caller may no longer read, or the log cannot be read.
};

// A page of what follows `after`: "id:" is the position to resume from, "data:" the envelope as replay prints it.
[[nodiscard]] StreamedEvents read_stream(const Session& session, Sequence after);

// A comment, which shows both sides that the other one is there.
inline constexpr char kStreamHeartbeat[] = ":\n\n";

}  // namespace runledger
