// What happens at the daemon's ways in, told to the one who writes it down and counts it.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "tools/daemon/daemon_log.h"
#include "tools/daemon/daemon_metrics.h"
#include "tools/daemon/way.h"

namespace runledger {

// What a caller learns of a failure besides its code: its text may name files and addresses.
inline constexpr char kOperatorIsTold[] = "the ledger could not do it; its operator is told why";

// Any thread may use it; nothing here waits.
class DaemonWatch {
 public:
  // Not owned; both must outlive it.
  DaemonWatch(DaemonLog& log, DaemonMetrics& metrics) : log_(log), metrics_(metrics) {}

  void connection_opened(Way way) { metrics_.connection_opened(way); }
  void connection_closed(Way way) { metrics_.connection_closed(way); }
  // There are as many as there may be.
  void connection_refused(Way way, std::size_t connections_max);
  void connection_cut(Way way, Cut why);

  // There was no TLS with who has connected. `what` is OpenSSL's word for why.
  void handshake_failed(Way way, std::string_view what);
  // Somebody showed no token, or none that is in force. What was shown is told to nobody.
  void authentication_failed(Way way);
  // A failure that the caller sees as no more than its code.
  void failed(std::string_view code, std::string_view what);

  void answered(const HttpAnswered& answer) { metrics_.answered(answer); }
  void called(std::string_view method, CallEnd end, std::chrono::steady_clock::duration took) {
    metrics_.called(method, end, took);
  }
  void rejected(std::string_view code) { metrics_.rejected(code); }

 private:
  DaemonLog& log_;
  DaemonMetrics& metrics_;
};

}  // namespace runledger
