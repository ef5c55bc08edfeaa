// Writes what happens into the log, and counts it.
#include "tools/daemon/daemon_watch.h"

namespace runledger {

void DaemonWatch::connection_refused(Way way, std::size_t connections_max) {
  metrics_.connection_refused(way);
  log_.write_sparingly(LogLevel::kWarning, "connection-refused",
                       {{"way", to_string(way)}, {"connections_max", std::uint64_t{connections_max}}});
}

void DaemonWatch::connection_cut(Way way, Cut why) {
  metrics_.connection_cut(way, why);
  if (why == Cut::kIdle) return;  // The usual end of a caller that forgets to hang up.
  log_.write_sparingly(LogLevel::kWarning, "connection-cut", {{"way", to_string(way)}, {"reason", to_string(why)}});
}

void DaemonWatch::handshake_failed(Way way, std::string_view what) {
  metrics_.handshake_failed(way);
  log_.write_sparingly(LogLevel::kWarning, "handshake-failed", {{"way", to_string(way)}, {"what", what}});
}

void DaemonWatch::authentication_failed(Way way) {
  metrics_.authentication_failed(way);
  log_.write_sparingly(LogLevel::kWarning, "authentication-failed", {{"way", to_string(way)}});
}

void DaemonWatch::failed(std::string_view code, std::string_view what) {
  log_.write_sparingly(LogLevel::kError, "failed", {{"code", code}, {"what", what}});
}

}  // namespace runledger
