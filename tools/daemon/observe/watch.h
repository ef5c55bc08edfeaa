// What happens at the daemon's ways in, told to the one who writes it down and counts it.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "tools/daemon/observe/metrics.h"
#include "tools/daemon/observe/operations_log.h"
#include "tools/daemon/observe/transport.h"

namespace runledger {

// What a caller learns of a failure besides its code: its text may name files and addresses.
inline constexpr char kOperatorIsTold[] = "the ledger could not do it; its operator is told why";

// Any thread may use it; nothing here waits.
class DaemonWatch {
 public:
  // Not owned; both must outlive it.
  DaemonWatch(OperationsLog& log, DaemonMetrics& metrics) : log_(log), metrics_(metrics) {}

  void connection_opened(Transport transport) { metrics_.connection_opened(transport); }
  void connection_closed(Transport transport) { metrics_.connection_closed(transport); }
  // There are as many as there may be.
  void connection_refused(Transport transport, std::size_t connections_max);
  void connection_cut(Transport transport, CloseReason why);

  // There was no TLS with who has connected. `what` is OpenSSL's word for why.
  void handshake_failed(Transport transport, std::string_view what);
  // Somebody showed no token, or none that is in force. What was shown is told to nobody.
  void authentication_failed(Transport transport);
  // A failure that the caller sees as no more than its code.
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
