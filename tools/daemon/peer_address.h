// Who is at the other end of a connection over TCP.
#pragma once

#include <string>

namespace runledger {

// What counts as one caller: an address, or of IPv6 the network of 64 bits, of which one machine has all addresses.
// Bytes, to be compared only. Empty for one who has gone already.
[[nodiscard]] std::string peer_address(int socket);

}  // namespace runledger
