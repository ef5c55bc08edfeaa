// Sends the datagram without libsystemd, which would bring four compressors and a cipher into the process for it. The
// protocol is declared stable for programs that do so (sd_notify(3), "Notes").
#include "tools/cli/process/readiness.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>

#include "ledger/base/descriptor.h"

namespace runledger {

void notify_supervisor(std::string_view state) {
  const char* const named = std::getenv("NOTIFY_SOCKET");
  const std::string_view path = named == nullptr ? "" : named;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() < 2 || path.size() >= sizeof(address.sun_path)) return;
  if (path.front() != '/' && path.front() != '@') return;
  path.copy(address.sun_path, path.size());
  if (path.front() == '@')
    address.sun_path[0] = '\0';  // An abstract name, which is not terminated: its length ends it.
  const Descriptor sender(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!sender.is_open()) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  (void)::sendto(sender.get(), state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
                 size);
}

}  // namespace runledger
