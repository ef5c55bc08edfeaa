// Writes what happens into the log.
#include "tools/daemon/daemon_watch.h"

namespace runledger {

std::string_view to_string(Way way) {
  switch (way) {
    case Way::kRpc:
      return "rpc";
    case Way::kHttp:
      return "http";
  }
  return "";
}

void DaemonWatch::connection_refused(Way way, std::size_t connections_max) {
  log_.write_sparingly(LogLevel::kWarning, "connection-refused",
                       {{"way", to_string(way)}, {"connections_max", std::uint64_t{connections_max}}});
}

void DaemonWatch::authentication_failed(Way way) {
  log_.write_sparingly(LogLevel::kWarning, "authentication-failed", {{"way", to_string(way)}});
}

void DaemonWatch::failed(std::string_view code, std::string_view what) {
  log_.write_sparingly(LogLevel::kError, "failed", {{"code", code}, {"what", what}});
}

}  // namespace runledger
