// Builds the parts of a daemon in the order in which they need each other.
//
// The order of the members below is the order of the start, and backwards that of the end: the servers go first, so
// that no call is under way when the claims and the ledger go.
#include "tools/daemon/daemon.h"

#include <fmt/format.h>

#include <utility>

#include "clients/cpp/endpoint.h"
#include "jobs/dispatch/claims.h"
#include "jobs/dispatch/reaper.h"
#include "jobs/reconcile/requester.h"
#include "ledger/client.h"
#include "ledger/log/store/ledger_copy.h"
#include "projections/rows/followed_rows.h"
#include "tools/daemon/followed_mirror.h"
#include "tools/daemon/http/server.h"
#include "tools/daemon/rpc/server.h"

namespace runledger {
namespace {

// Writes a line about a part of the daemon that has stopped, or has failed for now.
auto report_to(OperationsLog& log, LogLevel level, const char* event) {
  return [&log, level, event](std::string_view code, std::string_view what) {
    log.write(level, event, {{"code", code}, {"what", what}});
  };
}

struct OpenedLedger : Ledger {
  OpenedLedger(const Options& options, OperationsLog& log) : Ledger(options) {
    warn_of_clock(log);
    LedgerCopy::remove_abandoned(options.directory);
  }

  // Tells the operator why decisions have another time than the machine.
  void warn_of_clock(OperationsLog& log) const {
    constexpr Duration kUnnoticed = std::chrono::seconds(1);
    const Duration behind = clock().now() - SystemClock().now();
    if (behind <= kUnnoticed) return;
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(behind).count();
    log.write(LogLevel::kWarning, "clock-behind", {{"seconds", static_cast<std::uint64_t>(seconds)}});
  }
};

struct LoggedRows : FollowedRows {
  // The daemon goes on without its rows: deciding and writing need none. Were it to end, damaged rows would keep it
  // from starting again, and then nothing could be requested, started or finished either.
  LoggedRows(EventLog& of, OperationsLog& log) : FollowedRows(of) {
    on_stopped(report_to(log, LogLevel::kError, "rows-stopped"));
  }
};

Ledger::Options watched(Ledger::Options options, DaemonMetrics& metrics, const Daemon::OnBroken& on_broken) {
  options.sequencer.renew_leases = true;
  options.sequencer.on_commit = [&metrics](const CommitReport& report) { metrics.committed(report); };
  options.sequencer.on_broken = [on_broken](const Failure& failure) { on_broken(failure.code(), failure.what()); };
  options.on_fatal = [on_broken](const std::string& what) { on_broken("storage.failed", what); };
  return options;
}

FollowedMirror::Listener mirror_listener(OperationsLog& log) {
  return {.opened = [&log] { log.write(LogLevel::kInfo, "mirror-followed"); },
          .unreachable = report_to(log, LogLevel::kWarning, "mirror-awaited"),
          .stopped = report_to(log, LogLevel::kError, "mirror-stopped")};
}

// Callers will not trust a certificate that is not in force, but those on the socket need none.
std::optional<TlsIdentity> read_identity(const std::optional<TlsFiles>& files, OperationsLog& log) {
  if (!files) return std::nullopt;
  TlsIdentity identity = read_tls(*files);
  try {
    require_in_force(*files, identity, SystemClock().now());
  } catch (const Failure& expired) {
    log.write(LogLevel::kError, "certificate-expired", {{"what", expired.what()}});
  }
  return identity;
}

}  // namespace

struct Daemon::Impl {
  Impl(const Options& given, OperationsLog& to, const OnBroken& on_broken)
      : options(given),
        log(to),
        ledger(watched(given.ledger, metrics, on_broken), log),
        tokens(given.ledger.directory) {
    if (options.reconcile_every)
      requester.emplace(*client, rows, *options.reconcile_every, [this](std::string_view code, std::string_view what) {
        log.write_sparingly(LogLevel::kWarning, "reconcile-not-requested", {{"code", code}, {"what", what}});
      });
    if (options.mirror) mirror.emplace(ledger.log(), *options.mirror, mirror_listener(log));
    const std::optional<TlsIdentity> identity = read_identity(options.tls, log);
    serve_rpc(identity);
    serve_http(identity);
  }

  void serve_rpc(const std::optional<TlsIdentity>& identity) {
    if (!options.rpc) return;
    options.rpc->tls = identity;
    options.rpc->operations = operations;
    options.rpc->watch = &watch;
    rpc.emplace(*options.rpc, gate);
  }

  void serve_http(const std::optional<TlsIdentity>& identity) {
    if (!options.http) return;
    options.http->tls = identity;
    options.http->watch = &watch;
    http.emplace(*options.http, http_sources(), ledger.log());
  }

  HttpSources http_sources() {
    return {.authenticate =
                [this](std::string_view token) {
                  std::optional<Session> session = gate.by_token(token);
                  if (!session) watch.authentication_failed(Transport::kHttp);
                  return session;
                },
            .operations = operations,
            .report = [this](std::string_view code, std::string_view what) { watch.failed(code, what); }};
  }

  // A mirror that waits for Postgres does not count: the daemon needs none for what its callers ask.
  [[nodiscard]] DaemonHealth health() const {
    if (rows.stopped_by()) return {.ready = false, .reason = "the rows no longer follow the log"};
    if (claims.stopped_by()) return {.ready = false, .reason = "runs can no longer be handed out"};
    if (mirror && mirror->stopped()) return {.ready = false, .reason = "the mirror no longer follows the log"};
    return {.ready = true, .reason = {}};
  }

  [[nodiscard]] DaemonStanding standing() {
    return {.head = ledger.log().last(),
            .rows = rows.rows().checkpoint(),
            .mirror = mirror ? std::optional(mirror->checkpoint().value_or(Sequence{})) : std::nullopt,
            .queue_depth = ledger.sequencer().queue_depth(),
            .runs_by_status = rows.rows().totals({}).statistics.by_status};
  }

  Options options;
  OperationsLog& log;
  DaemonMetrics metrics;
  DaemonWatch watch{log, metrics};
  OpenedLedger ledger;
  LoggedRows rows{ledger.log(), log};
  Claims claims{ledger, rows, report_to(log, LogLevel::kError, "claims-stopped")};
  const Reaper reaper{ledger, rows};
  const std::unique_ptr<LedgerClient> client = embedded_client(ledger);
  std::optional<ReconcileRequester> requester;
  TokenStore tokens;
  const Authenticator gate{ledger, rows, claims, tokens};
  std::optional<FollowedMirror> mirror;
  const Operations operations{.health = [this] { return health(); },
                              .metrics = [this] { return metrics.text(standing()); }};
  std::optional<RpcServer> rpc;
  std::optional<HttpServer> http;
};

Daemon::Daemon(const Options& options, OperationsLog& log, const OnBroken& on_broken)
    : impl_(std::make_unique<Impl>(options, log, on_broken)) {}

Daemon::~Daemon() = default;

void Daemon::begin_stop() {
  // The claims first: no run is started for a caller that will not learn of it.
  impl_->claims.close();
  if (impl_->http) impl_->http->begin_stop();
  if (impl_->rpc) impl_->rpc->begin_stop();
}

Daemon::Addresses Daemon::addresses() const {
  const Options& options = impl_->options;
  Addresses addresses;
  if (impl_->rpc) {
    addresses.rpc.push_back("unix:" + options.rpc->socket.string());
    for (const Endpoint& endpoint : impl_->rpc->endpoints())
      addresses.rpc.push_back(fmt::format("{}:{}", options.tls ? "tls" : "tcp", endpoint.str()));
  }
  if (impl_->http) {
    const Endpoint served{options.http->host, impl_->http->port()};
    addresses.http = fmt::format("{}://{}", options.tls ? "https" : "http", served.str());
  }
  return addresses;
}

Ledger& Daemon::ledger() {
  return impl_->ledger;
}
FollowedRows& Daemon::rows() {
  return impl_->rows;
}
Claims& Daemon::claims() {
  return impl_->claims;
}
TokenStore& Daemon::tokens() {
  return impl_->tokens;
}
const Authenticator& Daemon::gate() const {
  return impl_->gate;
}
const Operations& Daemon::operations() const {
  return impl_->operations;
}
DaemonWatch& Daemon::watch() {
  return impl_->watch;
}

}  // namespace runledger
