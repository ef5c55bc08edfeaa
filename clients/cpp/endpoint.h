// HOST:PORT: where to listen, and whom to call.
#pragma once

#include <cstdint>
#include <string>

namespace runledger {

struct Endpoint {
  std::string host;  // An address without brackets, or a name.
  std::uint16_t port = 0;

  // "localhost", 127.0.0.0/8 or ::1: nobody on another machine can reach it.
  [[nodiscard]] bool is_loopback() const;
  // An IPv4 or IPv6 address, not a name.
  [[nodiscard]] bool is_address() const;
  // "HOST:PORT", "[V6]:PORT".
  [[nodiscard]] std::string str() const;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

}  // namespace runledger
