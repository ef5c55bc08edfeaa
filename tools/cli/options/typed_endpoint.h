// HOST:PORT, as options name where to listen and whom to call.
#pragma once

#include <string_view>

#include "clients/cpp/endpoint.h"

namespace runledger {

// Refuses with `code` what is not HOST:PORT or [V6]:PORT with a port from 0 to 65535; `flag` names the option.
[[nodiscard]] Endpoint require_endpoint(std::string_view typed, std::string_view flag, std::string_view code);

}  // namespace runledger
