// Reads HOST:PORT, the form in which options name an address to listen on or to connect to.
#pragma once

#include <string_view>

#include "clients/cpp/endpoint.h"

namespace runledger {

// Expects HOST:PORT or [V6]:PORT with a port from 0 to 65535. Throws Refused with `code` for any other text; `flag`
// names the option in its message. Does not resolve the host.
[[nodiscard]] Endpoint require_endpoint(std::string_view typed, std::string_view flag, std::string_view code);

}  // namespace runledger
