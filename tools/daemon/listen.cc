// Makes listening sockets with system calls instead of Asio or KJ: a unix socket must have its mode before the first
// caller can connect, and both servers must report a failure in the same words before they start.
#include "tools/daemon/listen.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "ledger/base/failure.h"
#include "tools/daemon/listening_process.h"

namespace runledger {
namespace {

[[noreturn]] void fail_to_listen(std::string_view where, std::string_view found) {
  throw Failure(Remedy::kCorrectInput, "listen.failed",
                fmt::format("expected to listen on {}, found: {}", where, found));
}

sockaddr_un address_of(const std::filesystem::path& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.native().size() >= sizeof(address.sun_path))
    fail_to_listen(socket.native(), "a path of more than 107 bytes");
  socket.native().copy(address.sun_path, sizeof(address.sun_path) - 1);
  return address;
}

using Resolved = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

Resolved resolve(const Endpoint& endpoint) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string host = endpoint.host == "localhost" ? "127.0.0.1" : endpoint.host;
  const int unresolved = ::getaddrinfo(host.c_str(), std::to_string(endpoint.port).c_str(), &wanted, &found);
  if (unresolved != 0) fail_to_listen(endpoint.str(), ::gai_strerror(unresolved));
  return {found, ::freeaddrinfo};
}

Descriptor reusable_socket(const addrinfo& of) {
  Descriptor made(::socket(of.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int one = 1;
  (void)::setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  return made;
}

void bind_to(const Descriptor& listener, const sockaddr* address, socklen_t size, std::string_view where) {
  if (::bind(listener.get(), address, size) != 0) fail_to_listen(where, std::generic_category().message(errno));
}

void start_listening(const Descriptor& listener, std::string_view where) {
  if (::listen(listener.get(), SOMAXCONN) != 0) fail_to_listen(where, std::generic_category().message(errno));
}

[[noreturn]] void fail_to_give(const std::filesystem::path& socket, gid_t group) {
  fail_to_listen(socket.native(), fmt::format("this user may not give it to the group {}", group));
}

// Whether chown() would allow it: the group is one of this process, or the process is root.
bool may_give_to(gid_t group) {
  if (::geteuid() == 0 || ::getegid() == group) return true;
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
  const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
  return count > 0 && std::find(groups.begin(), groups.begin() + count, group) != groups.begin() + count;
}

void require_socket(const std::filesystem::path& path, const struct stat& found) {
  if (!S_ISSOCK(found.st_mode)) fail_to_listen(path.native(), "a file that is not a socket");
}

// Whether the path is a socket that no process serves any more. Throws for a file of another kind, and for a socket
// that a process other than `daemon` serves.
bool is_abandoned(const std::filesystem::path& path, const sockaddr_un& address, pid_t daemon) {
  struct stat found {};
  // Usually nothing is there. For any other reason bind() fails as well, and reports it.
  if (::lstat(path.c_str(), &found) != 0) return false;
  require_socket(path, found);
  const Descriptor caller(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(caller.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 &&
      errno == ECONNREFUSED)
    return true;
  ucred server{};
  socklen_t size = sizeof(server);
  const bool is_known = ::getsockopt(caller.get(), SOL_SOCKET, SO_PEERCRED, &server, &size) == 0;
  if (daemon == 0 || !is_known || server.pid != daemon)
    fail_to_listen(path.native(), "a socket that another process serves");
  return false;
}

sockaddr_storage bound_address(int listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  (void)::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return address;
}

}  // namespace

// The socket has its mode and its group before it listens, so no caller can connect in between. Its mode is not that of
// a umask, which would be that of all files that other threads make meanwhile.
Descriptor listen_on(const std::filesystem::path& socket, std::optional<gid_t> group) {
  const sockaddr_un address = address_of(socket);
  // The socket that a killed daemon left behind is removed; one that a process serves, or another file, never is.
  if (is_abandoned(socket, address, 0)) ::unlink(socket.c_str());
  Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  bind_to(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address), socket.native());
  constexpr uid_t kSameUser = static_cast<uid_t>(-1);
  if (group && ::lchown(socket.c_str(), kSameUser, *group) != 0) {
    ::unlink(socket.c_str());
    fail_to_give(socket, *group);
  }
  const mode_t mode = S_IRUSR | S_IWUSR | (group ? S_IRGRP | S_IWGRP : 0U);
  if (::fchmodat(AT_FDCWD, socket.c_str(), mode, AT_SYMLINK_NOFOLLOW) != 0) {
    const int error = errno;
    ::unlink(socket.c_str());
    fail_to_listen(socket.native(), std::generic_category().message(error));
  }
  start_listening(listener, socket.native());
  return listener;
}

Descriptor listen_on(const Endpoint& endpoint) {
  const Resolved found = resolve(endpoint);
  Descriptor listener = reusable_socket(*found);
  bind_to(listener, found->ai_addr, found->ai_addrlen, endpoint.str());
  start_listening(listener, endpoint.str());
  return listener;
}

void check_listenable(const std::filesystem::path& socket, std::optional<gid_t> group, pid_t daemon) {
  const sockaddr_un address = address_of(socket);
  const std::filesystem::path parent = socket.has_parent_path() ? socket.parent_path() : ".";
  if (::access(parent.c_str(), W_OK | X_OK) != 0)
    fail_to_listen(socket.native(), std::generic_category().message(errno));
  (void)is_abandoned(socket, address, daemon);
  if (group && !may_give_to(*group)) fail_to_give(socket, *group);
}

// Binds without listening: that shows whether the address is this machine's and the port is allowed, and no caller can
// connect in between.
void check_listenable(const Endpoint& endpoint, pid_t daemon) {
  const Resolved found = resolve(endpoint);
  const Descriptor tried = reusable_socket(*found);
  const int error = ::bind(tried.get(), found->ai_addr, found->ai_addrlen) == 0 ? 0 : errno;
  const bool is_of_daemon = error == EADDRINUSE && daemon != 0 && listens_on(daemon, endpoint.port);
  if (error != 0 && !is_of_daemon) fail_to_listen(endpoint.str(), std::generic_category().message(error));
}

std::uint16_t port_of(int listener) {
  const sockaddr_storage address = bound_address(listener);
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

bool is_of_six(int listener) {
  return bound_address(listener).ss_family == AF_INET6;
}

}  // namespace runledger
