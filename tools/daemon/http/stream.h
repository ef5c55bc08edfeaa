// Streams of server-sent events (text/event-stream of the HTML standard).
#pragma once

#include <string>
#include <vector>

#include "tools/daemon/access/session.h"
#include "tools/daemon/http/message.h"

namespace runledger {

// One page of a stream.
struct StreamedEvents {
  std::string text = {};  // Empty: the page has no event of this caller.
  Sequence next;          // The position from which the next page is read.
  bool ends = false;      // The caller may no longer read, or the log cannot be read: `text` is stream_end().
};

// The scopes that have new events, by which the server decides which streams to wake. A value.
class HttpNews {
 public:
  // Reads the scopes of the events after `seen`, up to and including `last`.
  [[nodiscard]] static HttpNews of(const EventLog& log, Sequence seen, Sequence last);

  void add(const HttpNews& other);
  // Whether a caller with this grant may have new events. Never wrongly false; may be wrongly true when many events or
  // scopes are new.
  [[nodiscard]] bool concern(const Grant& grant) const;

 private:
  void add(const Scope& scope);

  bool everybody_ = false;     // Concerns every caller; then `scopes_` does not matter.
  std::vector<Scope> scopes_;  // Few, so searched from the start.
};

// Reads a page of the caller's events after `after`. For each, "id:" is the position from which a stream can be
// resumed, and "data:" the envelope as `replay` prints it. Does not throw.
[[nodiscard]] StreamedEvents read_stream(const Session& session, Sequence after);

// Reads the runs that the caller's events after `after` have changed, each once and as it is now: "data:" is the run
// without its input, as a list with view=summary has it. "id:" of the last one is the position from which the stream
// can be resumed. Needs no right. Does not throw.
[[nodiscard]] StreamedEvents read_changes(const Session& session, Sequence after);

// The last event of a stream: "event: end", with the body of the problem response that says why as its "data:".
[[nodiscard]] std::string stream_end(const HttpResponse& why);

// A comment in the stream, which shows each side that the other one is still there.
inline constexpr char kStreamHeartbeat[] = ":\n\n";

}  // namespace runledger
