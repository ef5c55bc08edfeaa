// Which process listens on a port.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace runledger {

// Whether the process has a socket that listens on this TCP port, of whatever address. False also when it is gone, or
// when this user may not look at its files (proc(5)).
[[nodiscard]] bool listens_on(pid_t process, std::uint16_t port);

}  // namespace runledger
