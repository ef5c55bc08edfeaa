// HOST:PORT, as options name where to listen and whom to call.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace runledger {

struct Endpoint {
  std::string host;  // An address without brackets, or a name.
  std::uint16_t port = 0;

  // "localhost", 127.0.0.0/8 or ::1: nobody on another machine can reach it.
  [[nodiscard]] bool is_loopback() const;
  // "HOST:PORT", "[V6]:PORT".
  [[nodiscard]] std::string str() const;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// Refuses with `code` what is not HOST:PORT or [V6]:PORT with a port from 0 to 65535; `flag` names the option.
[[nodiscard]] Endpoint require_endpoint(std::string_view typed, std::string_view flag, std::string_view code);

}  // namespace runledger
