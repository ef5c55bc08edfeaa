// Events as a stream of server-sent events (the text/event-stream of the HTML standard).
#pragma once

#include <string>
#include <vector>

#include "tools/daemon/access/session.h"

namespace runledger {

struct StreamedEvents {
  std::string text;     // Empty: nothing of this caller's.
  Sequence next;        // Where to go on.
  bool failed = false;  // The caller may no longer read, or the log cannot be read.
};

// Whose events there are, for those who follow theirs.
class HttpNews {
 public:
  // Of the events behind `seen`, up to and including `last`.
  [[nodiscard]] static HttpNews of(const EventLog& log, Sequence seen, Sequence last);

  void add(const HttpNews& other);
  // May say so without need where there are many.
  [[nodiscard]] bool concern(const Grant& grant) const;

 private:
  void add(const Scope& scope);

  bool everybody_ = false;
  std::vector<Scope> scopes_;  // Few.
};

// A page of what follows `after`: "id:" is the position to resume from, "data:" the envelope as replay prints it.
[[nodiscard]] StreamedEvents read_stream(const Session& session, Sequence after);

// A comment, which shows both sides that the other one is there.
inline constexpr char kStreamHeartbeat[] = ":\n\n";

}  // namespace runledger
