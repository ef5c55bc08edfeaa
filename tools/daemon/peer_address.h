// The address of the caller at the other end of a TCP connection.
#pragma once

#include <string>

namespace runledger {

// Returns the bytes by which connections are counted as one caller's: the IPv4 address, or the 64-bit network of an
// IPv6 address, because one machine usually owns all addresses of that network. They are for comparison only. Returns
// an empty string when the caller has already closed the connection.
[[nodiscard]] std::string peer_address(int socket);

}  // namespace runledger
