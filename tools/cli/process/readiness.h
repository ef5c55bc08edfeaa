// Tells the supervisor of the daemon (systemd, for one) when it is ready and when it stops.
#pragma once

#include <string_view>

namespace runledger {

// States of a service, as sd_notify(3) spells them.
inline constexpr std::string_view kReady = "READY=1";
inline constexpr std::string_view kStopping = "STOPPING=1";

// Sends `state` as one datagram to the socket that NOTIFY_SOCKET names. Does nothing when the variable is not set, and
// reports no error when the datagram cannot be sent: the daemon runs all the same, and the supervisor, which waits for
// the message, reports that it is missing.
void notify_supervisor(std::string_view state);

}  // namespace runledger
