// What the HTTP server is set to.
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

struct HttpAccessPolicy {
  std::vector<std::string> allowed_hosts;    // Names that Host may have besides those of the loopback; no ports.
  std::vector<std::string> allowed_origins;  // Whole origins, "https://ops.example"; others are refused.
  bool open_metrics = false;                 // Everybody who comes in may read /metrics, without a token.
};

struct HttpOptions {
  std::string host = "127.0.0.1";       // As listen_on() takes it.
  std::uint16_t port = 0;               // 0: any that is free.
  std::optional<TlsIdentity> tls = {};  // How TLS is spoken; its authorities do not matter here. Absent: it is not.
  HttpAccessPolicy access = {};
  HttpFramingLimits framing = {};
  // One more takes the place of one that does nothing, of the address with the most of them: the one that has done so
  // for longest. Where all of them are at something it is told so, and closed.
  std::size_t connections_max = 1024;
  int files_max = std::numeric_limits<int>::max();  // As RpcServerOptions::files_max.
  // Bodies, responses and pages of streams that are in memory, of all connections together. What does not fit is
  // answered "overloaded", and a stream that does not is ended: its reader goes on later from where it was.
  // One token has a quarter of it at most.
  std::size_t held_bytes_max = 256 * 1024 * 1024;
  std::size_t readers = 4;          // Threads that read,
  std::size_t command_threads = 2;  // and that hand commands to the ledger; one more moves the bytes.

  std::chrono::milliseconds header_deadline{10'000};  // From its first byte; of the first request: from connecting.
  std::chrono::milliseconds body_deadline{30'000};
  std::chrono::milliseconds idle_deadline{60'000};   // Between two requests.
  std::chrono::milliseconds write_deadline{30'000};  // Of one response, or one page of events that are followed.
  std::chrono::milliseconds linger{2'000};           // For a caller to read the last response before the end.
  std::chrono::milliseconds drain{2'000};            // For requests under way when it stops.
  DaemonWatch* watch = nullptr;  // Told what happens. Not owned; must outlive the server. Null: nobody is.
  // While nothing happens, a stream of events says so each time this has passed; each time, the token is looked at
  // anew, and the stream ends when it is no longer good.
  std::chrono::milliseconds follow_heartbeat{15'000};
};

}  // namespace runledger
