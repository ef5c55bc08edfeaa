// Judges a host by its text alone, without a look-up.
#include "ledger/base/loopback.h"

#include <arpa/inet.h>

#include <string>

#include "ledger/base/ascii.h"

namespace runledger {

bool is_loopback(std::string_view host) {
  if (equals_ignoring_case(host, "localhost") || host == "::1" || host == "[::1]") return true;
  in_addr v4{};
  return ::inet_pton(AF_INET, std::string(host).c_str(), &v4) == 1 && (ntohl(v4.s_addr) >> 24U) == 127;
}

}  // namespace runledger
