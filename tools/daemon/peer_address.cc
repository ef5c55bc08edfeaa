// Reads a peer's address; an IPv4 address is the same whether the socket is of IPv4 or of IPv6.
#include "tools/daemon/peer_address.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>

namespace runledger {

std::string peer_address(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return "";
  const auto text = [](const void* bytes, std::size_t count) {
    return std::string(static_cast<const char*>(bytes), count);
  };
  if (address.ss_family == AF_INET) return text(&reinterpret_cast<const sockaddr_in&>(address).sin_addr, 4);
  const in6_addr& of_six = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  return IN6_IS_ADDR_V4MAPPED(&of_six) ? text(of_six.s6_addr + 12, 4) : text(of_six.s6_addr, 8);
}

}  // namespace runledger
