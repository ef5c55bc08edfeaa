// The options of the HTTP server.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "clients/cpp/tls_files.h"
#include "tools/daemon/http/framing.h"
#include "tools/daemon/observe/watch.h"

namespace runledger {

// Which requests the server accepts regardless of their token.
struct HttpAccessPolicy {
  std::vector<std::string> allowed_hosts;    // Names, without ports, that Host may have besides those of the loopback.
  std::vector<std::string> allowed_origins;  // Whole origins, such as "https://ops.example". Others are refused.
  bool open_metrics = false;                 // Any caller may read /metrics, without a token.
  bool page = true;                          // Serves the page under /ui/.
  bool open_checkpoints = false;             // Any caller may read /checkpoint and /tile/, without a token.
};

// Every limit is for the whole server unless it says otherwise.
struct HttpOptions {
  std::string host = "127.0.0.1";       // An address or a name, as listen_on() takes it.
  std::uint16_t port = 0;               // 0 takes any free port.
  std::optional<TlsIdentity> tls = {};  // The certificate; its authorities are not used. Absent: no TLS.
  HttpAccessPolicy access = {};
  HttpFramingLimits framing = {};
  // For one more, the server closes another connection, by the rules of docs/http.md. If there is none to close, it
  // answers probes, and anything else with "overloaded", and closes the new one.
  std::size_t connections_max = 1024;
  int files_max = std::numeric_limits<int>::max();  // As RpcServerOptions::files_max.
  // Limits the bytes of bodies, responses and pages of streams in memory, for all connections together; one token or
  // tenant may use a quarter of it. A request or response that does not fit is answered "overloaded". A stream that
  // does not fit ends, and its reader can resume it from its last position.
  std::size_t held_bytes_max = 256 * 1024 * 1024;
  std::size_t readers = 4;  // Threads for reads.
  // Threads that pass commands to the ledger. Three further threads do all socket I/O, print the metrics, and follow
  // the log.
  std::size_t command_threads = 2;

  std::chrono::milliseconds header_deadline{10'000};  // From the header's first byte; at first, from connecting.
  std::chrono::milliseconds body_deadline{30'000};    // From the end of the header to the end of the body.
  std::chrono::milliseconds idle_deadline{60'000};    // Between two requests.
  std::chrono::milliseconds write_deadline{30'000};   // For one response, or one page of a stream of events.
  std::chrono::milliseconds linger{2'000};            // For a caller to read the last response before the close.
  std::chrono::milliseconds drain{2'000};             // For requests under way when the server stops.
  DaemonWatch* watch = nullptr;  // Notified of what happens. Not owned; must outlive the server. May be null.
  // A stream without new events sends a heartbeat after this time. After the same time, the server checks the token
  // again, and ends the stream when it is no longer valid.
  std::chrono::milliseconds follow_heartbeat{15'000};
};

}  // namespace runledger
