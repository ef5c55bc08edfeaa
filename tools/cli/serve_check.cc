// Looks at each thing that starting needs.
#include "tools/cli/serve_check.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include "ledger/data_directory.h"
#include "ledger/endpoint.h"
#include "ledger/failure.h"
#include "ledger/tls_files.h"
#include "tools/cli/open_files.h"
#include "tools/daemon/token_store.h"

namespace runledger {
namespace {

[[noreturn]] void fail_to_listen(std::string_view where, std::string_view found) {
  throw Failure(Remedy::kCorrectInput, "listen.failed",
                fmt::format("expected to be able to listen on {}, found: {}", where, found));
}

void check_socket(const std::filesystem::path& socket) {
  if (socket.native().size() >= sizeof(sockaddr_un::sun_path))
    fail_to_listen(socket.string(), "a path of more than 107 bytes");
  const std::filesystem::path parent = socket.has_parent_path() ? socket.parent_path() : ".";
  if (::access(parent.c_str(), W_OK | X_OK) != 0)
    fail_to_listen(socket.string(), std::generic_category().message(errno));
  struct stat found {};
  if (::lstat(socket.c_str(), &found) == 0 && !S_ISSOCK(found.st_mode))
    fail_to_listen(socket.string(), "something there that is no socket");
}

// Binds, which tells whether the address is this machine's and the port may be used; nobody can connect to it.
void check_endpoint(const Endpoint& endpoint) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int unresolved = ::getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &wanted, &found);
  if (unresolved != 0) fail_to_listen(endpoint.str(), ::gai_strerror(unresolved));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, ::freeaddrinfo);
  const int tried = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int one = 1;
  (void)::setsockopt(tried, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  const int error = ::bind(tried, found->ai_addr, found->ai_addrlen) == 0 ? 0 : errno;
  ::close(tried);
  if (error != 0 && error != EADDRINUSE) fail_to_listen(endpoint.str(), std::generic_category().message(error));
}

void check_tls(const TlsFiles& files) {
  const TlsIdentity identity = read_tls(files);
  require_in_force(files, identity, SystemClock().now());
}

}  // namespace

void require_startable(const Context& context, const ServeSettings& settings) {
  (void)raise_open_files_max();
  require_ledger(context.data);
  (void)catalog_of(context);
  (void)TokenStore(context.data).list();
  if (settings.mirror) check_mirror_options(*settings.mirror);
  if (settings.tls) check_tls(*settings.tls);
  check_socket(settings.rpc.socket);
  for (const Endpoint& endpoint : settings.rpc.endpoints) check_endpoint(endpoint);
  if (settings.http) check_endpoint({settings.http->host, settings.http->port});
}

}  // namespace runledger
