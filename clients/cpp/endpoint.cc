// The text of an endpoint, and what it shows without a look-up.
#include "clients/cpp/endpoint.h"

#include <arpa/inet.h>
#include <fmt/format.h>

namespace runledger {

bool Endpoint::is_address() const {
  in6_addr parsed{};
  return ::inet_pton(AF_INET, host.c_str(), &parsed) == 1 || ::inet_pton(AF_INET6, host.c_str(), &parsed) == 1;
}

std::string Endpoint::str() const {
  const bool v6 = host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

}  // namespace runledger
