// The daemon: holds a ledger open, and serves it to many callers.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cpp/tls_files.h"
#include "ledger/ledger.h"
#include "projections/postgres/mirror.h"
#include "tools/daemon/access/authenticator.h"
#include "tools/daemon/access/operations.h"
#include "tools/daemon/http/options.h"
#include "tools/daemon/observe/watch.h"
#include "tools/daemon/rpc/options.h"

namespace runledger {

// Owns all that a daemon consists of: the ledger, its rows, the claims, the reaper, the access tokens, the mirror, and
// the servers of RPC and HTTP. It runs from its construction to its destruction. What belongs to the process, such as
// signals and the exit status, is left to the caller. Any thread may use it.
class Daemon {
 public:
  struct Options {
    // The access tokens lie in its directory. The daemon sets on_commit, on_broken, on_fatal and renew_leases itself.
    Ledger::Options ledger = {};
    // The daemon sets `tls`, `operations` and `watch` of both servers. Absent: nothing is served that way.
    std::optional<RpcServerOptions> rpc = {};
    std::optional<HttpOptions> http = {};
    std::optional<TlsFiles> tls = {};                          // For HTTP, and for RPC over TCP.
    std::optional<MirrorOptions> mirror = {};                  // Absent: there is none.
    std::optional<std::chrono::seconds> reconcile_every = {};  // Above zero. Absent: nothing asks for reconciliation.
  };

  // Called when the ledger can no longer be written. It must not wait, it may be called more than once, and from any
  // thread. The daemon goes on answering what it can; its process should end, so that its supervisor notices.
  using OnBroken = std::function<void(std::string_view code, std::string_view what)>;

  // Starts everything; callers are served when it returns. `log` is not owned and must outlive the daemon, as must what
  // `on_broken` uses. A certificate that is not in force, and a mirror that cannot be reached, are only logged. Throws
  // as the constructors of Ledger, FollowedRows, RpcServer and HttpServer do, and as read_tls() does.
  Daemon(const Options& options, OperationsLog& log, const OnBroken& on_broken);
  // Stops everything in the reverse order of its start. Both servers wait for the calls under way, as they document.
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Hands out no more runs and takes no more callers; calls under way go on. Does not wait.
  void begin_stop();

  struct Addresses {
    std::vector<std::string> rpc;  // As --connect takes them, the socket first.
    std::string http;              // As browsers take it; empty where HTTP is not served.
  };
  // With the ports that the servers found.
  [[nodiscard]] Addresses addresses() const;

  // The parts live as long as the daemon.
  [[nodiscard]] Ledger& ledger();
  [[nodiscard]] FollowedRows& rows();
  [[nodiscard]] Claims& claims();
  [[nodiscard]] TokenStore& tokens();
  [[nodiscard]] const Authenticator& gate() const;
  [[nodiscard]] const Operations& operations() const;
  [[nodiscard]] DaemonWatch& watch();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
