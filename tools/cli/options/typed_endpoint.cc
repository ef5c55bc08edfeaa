// Splits an address into host and port.
#include "tools/cli/options/typed_endpoint.h"

#include <fmt/format.h>

#include <limits>

#include "tools/cli/options/arguments.h"

namespace runledger {

Endpoint require_endpoint(std::string_view typed, std::string_view flag, std::string_view code) {
  const auto refuse_endpoint = [&] {
    refuse(code, fmt::format("expected {} to be HOST:PORT with a port up to 65535, found \"{}\"", flag, typed));
  };
  const std::size_t colon = typed.rfind(':');
  if (colon == std::string_view::npos || colon == 0) refuse_endpoint();
  const auto port = parse_number(typed.substr(colon + 1), "port", {.max = std::numeric_limits<std::uint16_t>::max()});
  if (!port) refuse_endpoint();
  std::string_view host = typed.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  // Without brackets, the last group of an IPv6 address could be meant as the port or as a part of the address.
  if (!bracketed && host.find(':') != std::string_view::npos) refuse_endpoint();
  return {std::string(host), static_cast<std::uint16_t>(*port)};
}

}  // namespace runledger
