// Checks each thing that starting needs.
#include "tools/cli/serve_check.h"

#include <fmt/format.h>

#include <fstream>

#include "clients/cpp/endpoint.h"
#include "clients/cpp/tls_files.h"
#include "ledger/evidence/audit_key.h"
#include "ledger/log/store/data_directory.h"
#include "projections/postgres/mirror_schema.h"
#include "tools/cli/process/open_files.h"
#include "tools/daemon/access/token_store.h"
#include "tools/daemon/listen.h"

namespace runledger {
namespace {

// The process that has, or had last, the ledger open: its daemon, if it is one that listens. Zero when that is unknown.
pid_t last_holder(const std::filesystem::path& data) {
  pid_t process = 0;
  std::ifstream(data / "lock") >> process;
  return process;
}

// The daemon starts without its mirror, and connects to it again and again.
void note_mirror_unreachable(const MirrorOptions& mirror) {
  const std::optional<std::string> found = find_mirror_unreachable(mirror);
  if (!found) return;
  write_stderr(fmt::format("runledger: mirror.unreachable: {}; the daemon would start, and try again\n",
                           sanitize(*found).str()));
}

}  // namespace

void require_startable(const Context& context, const Daemon::Options& daemon) {
  (void)raise_open_files_max();
  require_ledger(context.data);
  (void)catalog_of(context);
  if (has_audit_key(context.data)) (void)read_audit_key(context.data);
  (void)TokenStore(context.data).list();
  if (daemon.mirror) check_mirror_options(*daemon.mirror);
  if (daemon.tls) require_in_force(*daemon.tls, read_tls(*daemon.tls), SystemClock().now());
  const pid_t holder = last_holder(context.data);
  check_listenable(daemon.rpc->socket, daemon.rpc->socket_group, holder);
  for (const Endpoint& endpoint : daemon.rpc->endpoints) check_listenable(endpoint, holder);
  if (daemon.http) check_listenable(Endpoint{daemon.http->host, daemon.http->port}, holder);
  if (daemon.mirror) note_mirror_unreachable(*daemon.mirror);
}

}  // namespace runledger
