// Makes the ledger before the daemon opens it.
#include "tests/tools/daemon/test_daemon.h"

namespace runledger {
namespace {

Daemon::Options in_new_ledger(Daemon::Options options, const DaemonSurroundings& surroundings) {
  options.ledger.directory = surroundings.directory.path() / "ledger";
  if (options.ledger.clock == nullptr) options.ledger.clock = &surroundings.clock;
  if (options.rpc && options.rpc->socket.empty()) options.rpc->socket = surroundings.directory.path() / "socket";
  Store::create({.directory = options.ledger.directory, .env = options.ledger.env}, IdentityKey::random());
  return options;
}

}  // namespace

Daemon::Options with_catalog(const Catalog& catalog, const Clock* clock) {
  Daemon::Options options;
  options.ledger.catalog = catalog;
  options.ledger.clock = clock;
  return options;
}

TestDaemon::TestDaemon(const Options& options, const OnBroken& on_broken)
    : Daemon(in_new_ledger(options, *this), log, on_broken) {}

}  // namespace runledger
