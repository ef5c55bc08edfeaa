// Looks at each thing that starting needs.
#include "tools/cli/serve_check.h"

#include "clients/cpp/endpoint.h"
#include "clients/cpp/tls_files.h"
#include "ledger/log/store/data_directory.h"
#include "tools/cli/process/open_files.h"
#include "tools/daemon/access/token_store.h"
#include "tools/daemon/listen.h"

namespace runledger {
namespace {

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
  check_listenable(settings.rpc.socket);
  for (const Endpoint& endpoint : settings.rpc.endpoints) check_listenable(endpoint);
  if (settings.http) check_listenable(Endpoint{settings.http->host, settings.http->port});
}

}  // namespace runledger
