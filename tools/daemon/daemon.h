// The daemon: keeps a ledger open and serves it to many callers.
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
#include "tools/daemon/backup_schedule.h"
#include "tools/daemon/http/options.h"
#include "tools/daemon/observe/watch.h"
#include "tools/daemon/published_checkpoints.h"
#include "tools/daemon/rpc/options.h"

namespace runledger {

// Owns every part of a running daemon: the ledger, its rows, the claims, the reaper, the access tokens, the mirror, and
// the RPC and HTTP servers. It runs from its construction to its destruction. The caller remains responsible for the
// process itself, such as its signals and exit status. Any thread may use it.
class Daemon {
 public:
  struct Options {
    // The access tokens are stored in the ledger's directory. The daemon sets on_commit, on_broken, on_fatal,
    // on_pause and renew_leases itself.
    Ledger::Options ledger = {};
    // The daemon sets `tls`, `operations` and `watch` of both servers. Absent: the daemon does not run that server.
    std::optional<RpcServerOptions> rpc = {};
    std::optional<HttpOptions> http = {};
    std::optional<TlsFiles> tls = {};          // For HTTP, and for RPC over TCP. Absent: no TLS.
    std::optional<MirrorOptions> mirror = {};  // Absent: the daemon keeps no mirror.
    CheckpointOptions checkpoints = {};        // The daemon sets `postgres` itself.
    UnknownTypes unknown_types = UnknownTypes::kWarn;
    std::optional<std::chrono::seconds> reconcile_every = {};  // Above zero. Absent: it requests no reconciliation.
    std::optional<BackupScheduleOptions> backups = {};         // Absent: the daemon makes none by itself.
  };

  // The daemon calls it when the ledger can no longer be written: possibly more than once, and on any thread, so it
  // must not block. The daemon goes on answering the calls that it still can; its process should end, so that its
  // supervisor notices.
  using OnBroken = std::function<void(std::string_view code, std::string_view what)>;

  // Starts every part; the daemon serves callers when the constructor returns. `log` is not owned and must outlive the
  // daemon, as must everything that `on_broken` uses. A certificate that is not in force, or a mirror that cannot be
  // reached, is only logged. Throws as the constructors of Ledger, PublishedCheckpoints, FollowedRows, RpcServer and
  // HttpServer do, and as read_tls() does.
  Daemon(const Options& options, OperationsLog& log, const OnBroken& on_broken);
  // Stops every part, in the reverse order of the start. Both servers wait for calls under way as their own headers
  // say.
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Reads the files of TLS again, which may be others than those of the start: callers that connect from now on meet
  // the new certificate and authorities. Throws Refused with code "usage" when the daemon was started with TLS and
  // there are no files, or the other way round, and as read_tls() does; then nothing has changed. A certificate that is
  // not in force is only logged. Not to be called after begin_stop().
  void reload_tls(const std::optional<TlsFiles>& files);

  // Stops handing out runs and accepting callers; calls under way go on. Does not wait.
  void begin_stop();

  struct Addresses {
    std::vector<std::string> rpc;  // In the form that --connect takes, the unix socket first.
    std::string http;              // As a URL; empty when HTTP is not served.
  };
  // Returns the addresses that callers can connect to, with the ports that the system chose where the options say 0.
  [[nodiscard]] Addresses addresses() const;

  // The parts, for the process and for tests. References are valid as long as the daemon.
  [[nodiscard]] Ledger& ledger();
  [[nodiscard]] FollowedRows& rows();
  [[nodiscard]] Claims& claims();
  [[nodiscard]] TokenStore& tokens();
  [[nodiscard]] const Authenticator& authenticator() const;
  [[nodiscard]] const Operations& operations() const;
  [[nodiscard]] DaemonWatch& watch();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
