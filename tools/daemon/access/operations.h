// Health and metrics of the daemon as a whole, for its operators. Both transports serve the same ones.
#pragma once

#include <functional>
#include <string>

namespace runledger {

// Whether the daemon can do all of its work.
struct DaemonHealth {
  bool ready = false;
  // Why it is not ready; empty when it is. Any caller may read it: it has no paths and no names.
  std::string reason = {};
};

// Functions that the servers call to report on the daemon, from any thread. The defaults are those of a daemon that is
// always ready and counts nothing.
struct Operations {
  // Waits for nothing but the file of the tokens.
  std::function<DaemonHealth()> health = [] { return DaemonHealth{.ready = true}; };
  // Returns the metrics in the text format of Prometheus (DaemonMetrics::text). May block for as long as a read of the
  // rows.
  std::function<std::string()> metrics = [] { return std::string(); };
  // Returns the address of the page that people look at; empty when the daemon serves none.
  std::function<std::string()> page = [] { return std::string(); };
};

}  // namespace runledger
