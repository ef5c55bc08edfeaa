// Writes what happens at the transports to the log, and counts it.
#include "tools/daemon/observe/watch.h"

namespace runledger {

void DaemonWatch::connection_refused(Transport transport, std::size_t connections_max) {
  metrics_.connection_refused(transport);
  log_.write_sparingly(LogLevel::kWarning, "connection-refused",
                       {{"way", to_string(transport)}, {"connections_max", std::uint64_t{connections_max}}});
}

void DaemonWatch::connection_cut(Transport transport, CloseReason why) {
  metrics_.connection_cut(transport, why);
  if (why == CloseReason::kIdle)
    return;  // Not worth a line: this is how callers that do not close their connections usually end.
  log_.write_sparingly(LogLevel::kWarning, "connection-cut",
                       {{"way", to_string(transport)}, {"reason", to_string(why)}});
}

void DaemonWatch::handshake_failed(Transport transport, std::string_view what) {
  metrics_.handshake_failed(transport);
  log_.write_sparingly(LogLevel::kWarning, "handshake-failed", {{"way", to_string(transport)}, {"what", what}});
}

void DaemonWatch::authentication_failed(Transport transport) {
  metrics_.authentication_failed(transport);
  log_.write_sparingly(LogLevel::kWarning, "authentication-failed", {{"way", to_string(transport)}});
}

void DaemonWatch::failed(std::string_view code, std::string_view what) {
  log_.write_sparingly(LogLevel::kError, "failed", {{"code", code}, {"what", what}});
}

}  // namespace runledger
