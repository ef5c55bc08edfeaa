// HOST:PORT, an address to listen on or to connect to.
#pragma once

#include <cstdint>
#include <string>

namespace runledger {

struct Endpoint {
  std::string host;  // An IP address without brackets, or a name.
  std::uint16_t port = 0;

  // Whether the host is an IPv4 or IPv6 address, and not a name.
  [[nodiscard]] bool is_address() const;
  // Returns "HOST:PORT", or "[HOST]:PORT" for an IPv6 address.
  [[nodiscard]] std::string str() const;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

}  // namespace runledger
