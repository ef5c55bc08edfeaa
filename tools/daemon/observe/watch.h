// Observation of the daemon's transports: both servers report to it what goes to the log and to the metrics.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "tools/daemon/observe/metrics.h"
#include "tools/daemon/observe/operations_log.h"
#include "tools/daemon/observe/transport.h"

namespace runledger {

// The text that a caller gets for a failure, besides its code. The failure's own text may name files and addresses, so
// only the operator sees it.
inline constexpr char kSeeDaemonLog[] = "the daemon failed to do it; its log says why";

// Any thread may use it. No function waits.
class DaemonWatch {
 public:
  // Owns neither; both must outlive the watch.
  DaemonWatch(OperationsLog& log, DaemonMetrics& metrics) : log_(log), metrics_(metrics) {}

  void connection_opened(Transport transport) { metrics_.connection_opened(transport); }
  void connection_closed(Transport transport) { metrics_.connection_closed(transport); }
  // A connection was refused because there are already `connections_max`.
  void connection_refused(Transport transport, std::size_t connections_max);
  // The daemon closed a connection. An idle one is counted but not logged.
  void connection_cut(Transport transport, CloseReason why);

  // A TLS handshake failed. `what` is the reason that OpenSSL gives.
  void handshake_failed(Transport transport, std::string_view what);
  // A caller sent no token, or one that is not in force. The token itself is never logged.
  void authentication_failed(Transport transport);
  // A failure of which the caller sees only the code. `what` goes to the log.
  void failed(std::string_view code, std::string_view what);

  void answered(const HttpAnswered& answer) { metrics_.answered(answer); }
  void called(std::string_view method, CallEnd end, std::chrono::steady_clock::duration took) {
    metrics_.called(method, end, took);
  }
  void rejected(std::string_view code) { metrics_.rejected(code); }

 private:
  OperationsLog& log_;
  DaemonMetrics& metrics_;
};

}  // namespace runledger
