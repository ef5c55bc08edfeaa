// What the daemon says of itself as a whole, to those who run it. The same for every way in.
#pragma once

#include <functional>
#include <string>

namespace runledger {

// Whether the daemon can do its work.
struct DaemonHealth {
  bool ready = false;
  std::string reason;  // Why not; for whoever asks, so without paths and names.
};

// By default those of a daemon that is always ready and counts nothing. From any thread.
struct Operations {
  // Does not block.
  std::function<DaemonHealth()> health = [] { return DaemonHealth{.ready = true, .reason = {}}; };
  // In the text form of Prometheus (DaemonMetrics::text). May block for as long as a read may.
  std::function<std::string()> metrics = [] { return std::string(); };
};

}  // namespace runledger
