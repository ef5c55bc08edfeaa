// The daemon in numbers, for Prometheus. The only place that knows prometheus-cpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/commit_report.h"
#include "ledger/values/sequence.h"
#include "tools/daemon/observe/transport.h"

namespace runledger {

// How things stand when somebody asks.
struct DaemonStanding {
  Sequence head;
  Sequence rows;                   // The checkpoint of the local rows,
  std::optional<Sequence> mirror;  // and of the mirror: zero while it is not known; absent without one.
  std::size_t queue_depth = 0;
  std::map<std::string, std::uint64_t, std::less<>> runs_by_status;
};

// A request over HTTP that was answered.
struct HttpAnswered {
  std::string_view route;  // As the table of routes has it, never as a caller wrote it. Empty: none was found.
  std::string_view method;
  unsigned status = 200;
  std::string_view code;  // Empty: it was not refused.
  std::chrono::steady_clock::duration took{};
};

// Any thread may use it. Labels are words of the program's own: no scope, id or text of a caller's becomes one, so the
// number of series is bounded by the program and not by its use.
class DaemonMetrics {
 public:
  DaemonMetrics();
  ~DaemonMetrics();

  void committed(const CommitReport& report);
  void answered(const HttpAnswered& answer);
  void called(std::string_view method, CallEnd end, std::chrono::steady_clock::duration took);  // Over RPC.
  void rejected(std::string_view code);
  void connection_opened(Transport transport);
  void connection_closed(Transport transport);
  void connection_refused(Transport transport);
  void connection_cut(Transport transport, CloseReason why);
  void handshake_failed(Transport transport);
  void authentication_failed(Transport transport);

  // In Prometheus's text format, version 0.0.4.
  [[nodiscard]] std::string text(const DaemonStanding& standing);
  static constexpr char kContentType[] = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
