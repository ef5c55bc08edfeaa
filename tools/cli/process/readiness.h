// Tells whoever supervises the daemon how far it is.
#pragma once

#include <string_view>

namespace runledger {

// What sd_notify(3) calls the states of a service.
inline constexpr std::string_view kReady = "READY=1";
inline constexpr std::string_view kStopping = "STOPPING=1";

// One datagram to the socket that NOTIFY_SOCKET names. Nothing where none is named; and where it cannot be sent,
// nothing either: the daemon runs all the same, and the supervisor, which waits, says what it misses.
void tell_supervisor(std::string_view state);

}  // namespace runledger
