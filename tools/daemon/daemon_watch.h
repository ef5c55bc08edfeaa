// What happens at the daemon's ways in, told to the one who writes it down.
#pragma once

#include <cstdint>
#include <string_view>

#include "tools/daemon/daemon_log.h"

namespace runledger {

enum class Way : std::uint8_t { kRpc, kHttp };
[[nodiscard]] std::string_view to_string(Way way);  // "rpc", "http"

// Any thread may use it; nothing here waits for anything but standard error.
class DaemonWatch {
 public:
  // `log` is not owned and must outlive it.
  explicit DaemonWatch(DaemonLog& log) : log_(log) {}

  // There are as many as there may be.
  void connection_refused(Way way, std::size_t connections_max);
  // Somebody showed no token, or none that is in force. What was shown is told to nobody.
  void authentication_failed(Way way);
  // A failure that the caller sees as no more than its code.
  void failed(std::string_view code, std::string_view what);

 private:
  DaemonLog& log_;
};

}  // namespace runledger
