// Builds the parts of a daemon in the order in which they depend on each other.
//
// Daemon::Impl owns every part, and the order of its members is the order of the start. Destruction runs backwards: the
// two servers stop first, so that no call is under way when the claims, the rows and finally the ledger are destroyed.
// The metrics and the watch come before the ledger, because the sequencer reports each commit to them from its own
// thread. The optional parts (reconciliation, mirror, servers) are built in the constructor's body, the servers last:
// a caller that can connect finds everything else running.
//
// A call takes this way: a server accepts a connection, asks the Authenticator for a Session, and uses nothing but that
// session. The session writes through the ledger's sequencer and reads from the rows and the claims, which follow the
// log on threads of their own, as the reaper and the mirror do.
//
// A part can fail in two ways. If the log can no longer be written, on_broken is called and the process should end. If
// the rows, the claims or the mirror stop, the daemon logs that, reports itself as not ready and goes on, since
// commands can still be decided and written.
//
// Stopping begins with the claims, then HTTP, then RPC (begin_stop()); the destructor waits for calls under way.
#include "tools/daemon/daemon.h"

#include <fmt/format.h>

#include <atomic>

#include "clients/cpp/endpoint.h"
#include "jobs/dispatch/claims.h"
#include "jobs/dispatch/reaper.h"
#include "jobs/reconcile/requester.h"
#include "ledger/base/loopback.h"
#include "ledger/client.h"
#include "ledger/log/store/ledger_copy.h"
#include "projections/rows/erasure.h"
#include "projections/rows/followed_rows.h"
#include "tools/daemon/followed_mirror.h"
#include "tools/daemon/http/server.h"
#include "tools/daemon/observe/surroundings.h"
#include "tools/daemon/rpc/server.h"

namespace runledger {
namespace {

// Returns a listener that logs that a part of the daemon has stopped, or has failed for now.
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

  // Tells the operator why the times of decisions are ahead of the machine's clock: the ledger's time never goes back.
  void warn_of_clock(OperationsLog& log) const {
    constexpr Duration kUnnoticed = std::chrono::seconds(1);
    const Duration behind = clock().now() - SystemClock().now();
    if (behind <= kUnnoticed) return;
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(behind).count();
    log.write(LogLevel::kWarning, "clock-behind", {{"seconds", static_cast<std::uint64_t>(seconds)}});
  }
};

Ledger::Options watched(Ledger::Options options, DaemonMetrics& metrics, OperationsLog& log,
                        const Daemon::OnBroken& on_broken) {
  options.sequencer.renew_leases = true;
  options.sequencer.on_pause = [&metrics, &log](Duration paused) {
    metrics.paused();
    const auto seconds = std::chrono::round<std::chrono::seconds>(paused).count();
    log.write(LogLevel::kWarning, "process-paused", {{"seconds", static_cast<std::uint64_t>(seconds)}});
  };
  options.sequencer.on_commit = [&metrics](const CommitReport& report) { metrics.committed(report); };
  options.sequencer.on_broken = [on_broken](const Failure& failure) { on_broken(failure.code(), failure.what()); };
  options.on_mark_failed = [&metrics, &log](const std::string& what) {
    metrics.mark_failed();
    log.write(LogLevel::kWarning, "mark-failed", {{"what", what}});
  };
  options.on_fatal = [on_broken](const std::string& what) { on_broken("storage.failed", what); };
  return options;
}

FollowedMirror::Listener mirror_listener(OperationsLog& log, MirrorWaits& waits, PublishedCheckpoints& checkpoints) {
  return {.opened =
              [&log, &checkpoints](std::string_view schema) {
                log.write(LogLevel::kInfo, "mirror-followed", {{"schema", schema}});
                checkpoints.begin_postgres();
              },
          .advanced =
              [&log, &waits, last = Sequence{}](Sequence checkpoint) mutable {
                // Its tables were dropped, or another server took over that lacks the newest rows.
                if (checkpoint < last)
                  log.write(LogLevel::kWarning, "mirror-set-back",
                            {{"before", last.value}, {"checkpoint", checkpoint.value}});
                last = checkpoint;
                waits.advanced(checkpoint);
              },
          .unreachable = report_to(log, LogLevel::kWarning, "mirror-awaited"),
          .stopped =
              [&waits, report = report_to(log, LogLevel::kError, "mirror-stopped")](std::string_view code,
                                                                                    std::string_view what) {
                report(code, what);
                waits.stopped();
              }};
}

BackupSchedule::Listener backup_listener(OperationsLog& log, DaemonMetrics& metrics) {
  return {.found =
              [&metrics](const Backup& backup) { metrics.backed_up(backup.made_at, backup.bytes(), backup.new_bytes); },
          .made =
              [&log, &metrics](const Backup& backup, std::chrono::milliseconds took, std::size_t removed) {
                metrics.backed_up(backup.made_at, backup.bytes(), backup.new_bytes);
                log.write(LogLevel::kInfo, "backup-made",
                          {{"name", backup.name},
                           {"events", backup.sequence.value},
                           {"bytes", backup.bytes()},
                           {"new_bytes", backup.new_bytes},
                           {"removed", std::uint64_t{removed}},
                           {"milliseconds", static_cast<std::uint64_t>(took.count())}});
              },
          .failed =
              [&metrics, report = report_to(log, LogLevel::kError, "backup-failed")](std::string_view code,
                                                                                     std::string_view what) {
                metrics.backup_failed();
                report(code, what);
              }};
}

FollowedRows::Options rows_options(OperationsLog& log) {
  static constexpr auto kLoggedEvery = std::chrono::seconds(10);
  using Clock = std::chrono::steady_clock;
  return {.on_stopped = report_to(log, LogLevel::kError, "rows-stopped"),
          .on_catching_up = [&log, logged = std::optional<Clock::time_point>()](std::uint64_t done,
                                                                                std::uint64_t total) mutable {
            const Clock::time_point now = Clock::now();
            if (done < total && logged && now - *logged < kLoggedEvery) return;
            logged = now;
            log.write(LogLevel::kInfo, done < total ? "rows-catching-up" : "rows-caught-up",
                      {{"events", done}, {"of", total}});
          }};
}

CheckpointOptions beside_mirror(const Daemon::Options& options) {
  CheckpointOptions checkpoints = options.checkpoints;
  checkpoints.postgres = options.mirror;
  return checkpoints;
}

// Callers over TCP will not trust a certificate that is not in force. That is no reason to refuse to start: callers on
// the unix socket do not need one.
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
        tokens(given.ledger.directory),
        ledger(watched(given.ledger, metrics, log, on_broken), log),
        token_uses(given.ledger.directory, tokens, [&to](const std::string& what) {
          to.write(LogLevel::kWarning, "token-uses-failed", {{"what", what}});
        }) {
    complete_erasures();
    if (options.reconcile_every)
      requester.emplace(*client, rows, *options.reconcile_every, [this](std::string_view code, std::string_view what) {
        log.write_sparingly(LogLevel::kWarning, "reconcile-not-requested", {{"code", code}, {"what", what}});
      });
    if (options.mirror)
      mirror.emplace(ledger.log(), *options.mirror, mirror_waits->rebuilds(),
                     mirror_listener(log, *mirror_waits, checkpoints));
    if (options.backups) backups.emplace(ledger.log().store(), *options.backups, backup_listener(log, metrics));
    const std::optional<TlsIdentity> identity = read_identity(options.tls, log);
    if (identity) certificate_ends_at = identity->ends_at;
    serve_rpc(identity);
    serve_http(identity);
  }

  // Those that an `erase` that was killed has left. What they erase cannot be read already.
  void complete_erasures() {
    try {
      const std::size_t destroyed = runledger::complete_erasures(ledger.log().store(), rows.rows());
      if (destroyed != 0) log.write(LogLevel::kInfo, "erasure-completed", {{"keys", std::uint64_t{destroyed}}});
    } catch (const Failure& failure) {
      log.write(LogLevel::kWarning, "erasure-pending", {{"code", failure.code()}, {"what", failure.what()}});
    }
  }

  void serve_rpc(const std::optional<TlsIdentity>& identity) {
    if (!options.rpc) return;
    options.rpc->tls = identity;
    options.rpc->operations = operations;
    options.rpc->watch = &watch;
    rpc.emplace(*options.rpc, authenticator);
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
                  std::optional<Session> session = authenticator.by_token(token);
                  if (!session) watch.authentication_failed(Transport::kHttp);
                  return session;
                },
            .operations = operations,
            .tree = {.checkpoint = [this] { return checkpoints.checkpoint(); },
                     .tile = [this](const TileRange& range) { return checkpoints.tile(range); }},
            .report = [this](std::string_view code, std::string_view what) { watch.failed(code, what); }};
  }

  // A daemon is ready when it answers commands and reads. Its mirror has a metric: if it made the daemon unready,
  // losing it would keep callers from the ledger too.
  [[nodiscard]] DaemonHealth health() {
    if (rows.stopped_by()) return {.ready = false, .reason = "the rows no longer follow the log"};
    if (rows.catching_up()) return {.ready = false, .reason = "the rows are being made from the log"};
    if (claims.stopped_by()) return {.ready = false, .reason = "runs can no longer be handed out"};
    if (!tokens.is_readable()) return {.ready = false, .reason = "the access tokens cannot be read"};
    if (checkpoints.stopped()) return {.ready = false, .reason = "checkpoints can no longer be signed"};
    return {.ready = true};
  }

  [[nodiscard]] std::string http_address(const std::string& host) const {
    return fmt::format("{}://{}", options.tls ? "https" : "http", Endpoint{host, http->port()}.str());
  }

  // A browser on this machine reaches the daemon on the loopback, unless it listens elsewhere only. An address that
  // stands for all of them is none that a browser can name.
  [[nodiscard]] std::string page_address() const {
    if (!http || !options.http->access.page) return {};
    const std::string& host = options.http->host;
    const auto& names = options.http->access.allowed_hosts;
    if (is_loopback(host)) return http_address(host) + "/ui/";
    const bool is_every = host == "0.0.0.0" || host == "::";
    return http_address(!names.empty() ? names.front() : is_every ? "127.0.0.1" : host) + "/ui/";
  }

  [[nodiscard]] std::optional<Time> certificate_end() const {
    const Time end = certificate_ends_at;
    return end == Time{} ? std::nullopt : std::optional(end);
  }

  // Tokens that cannot be read make the daemon not ready, and are no reason to lose all metrics.
  [[nodiscard]] std::optional<Time> token_end() {
    try {
      return tokens.first_end(SystemClock().now());
    } catch (const Failure&) {
      return std::nullopt;
    }
  }

  void reload_tls(const std::optional<TlsFiles>& files) {
    if (files.has_value() != options.tls.has_value())
      refuse("usage", "expected --tls-cert and --tls-key if the daemon was started with them, and only then");
    const std::optional<TlsIdentity> identity = read_identity(files, log);
    if (!identity) return;
    if (rpc) rpc->replace_tls(*identity);
    if (http) http->replace_tls(*identity);
    certificate_ends_at = identity->ends_at;
  }

  [[nodiscard]] DaemonStanding standing() {
    return {.head = ledger.log().last(),
            .rows = rows.rows().checkpoint(),
            .mirror = mirror ? std::optional(mirror->checkpoint().value_or(Sequence{})) : std::nullopt,
            .mirror_stopped = mirror ? std::optional(mirror->stopped()) : std::nullopt,
            .checkpoint = checkpoints.standing(),
            .handed_out = checkpoints.handed_out(),
            .witnesses = checkpoints.witnesses(),
            .queue_depth = ledger.sequencer().queue_depth(),
            .runs = rows.catching_up()
                        ? std::nullopt
                        : std::optional(run_standing(rows.rows(), *ledger.catalog(), SystemClock().now())),
            .ready = health().ready,
            .free_bytes = free_bytes(ledger.log().store().directory()),
            .resident_bytes = resident_bytes(),
            .certificate_ends_at = certificate_end(),
            .token_ends_at = token_end(),
            .backup_interval = options.backups ? std::optional(options.backups->every) : std::nullopt};
  }

  Options options;
  OperationsLog& log;
  DaemonMetrics metrics;
  DaemonWatch watch{log, metrics};
  TokenStore tokens;  // Before the claims, which ask it for as long as a caller waits.
  OpenedLedger ledger;
  // Before everything that appends, so that the last checkpoint has all of it.
  PublishedCheckpoints checkpoints{ledger.log(), beside_mirror(options), log};
  // The daemon goes on without its rows, because deciding and writing do not need them. If it ended instead, damaged
  // rows would prevent its next start, and then no run could be requested, started or finished either.
  FollowedRows rows{ledger.log(), rows_options(log)};
  Claims claims{ledger, rows, report_to(log, LogLevel::kError, "claims-stopped")};
  const Reaper reaper{ledger, rows};
  const std::unique_ptr<LedgerClient> client = embedded_client(ledger);
  std::optional<ReconcileRequester> requester;
  TokenUses token_uses;
  // Null in a daemon that keeps no mirror.
  const std::unique_ptr<MirrorWaits> mirror_waits = options.mirror ? std::make_unique<MirrorWaits>() : nullptr;
  const Authenticator authenticator{
      ledger, rows, claims, tokens, token_uses, options.unknown_types, mirror_waits.get()};
  std::optional<FollowedMirror> mirror;
  std::atomic<Time> certificate_ends_at = Time{};  // Zero when the daemon shows none.
  std::optional<BackupSchedule> backups;
  const Operations operations{.health = [this] { return health(); },
                              .metrics = [this] { return metrics.text(standing()); },
                              .page = [this] { return page_address(); }};
  std::optional<RpcServer> rpc;
  std::optional<HttpServer> http;
};

Daemon::Daemon(const Options& options, OperationsLog& log, const OnBroken& on_broken)
    : impl_(std::make_unique<Impl>(options, log, on_broken)) {}

Daemon::~Daemon() = default;

void Daemon::reload_tls(const std::optional<TlsFiles>& files) {
  impl_->reload_tls(files);
}

void Daemon::begin_stop() {
  // The claims close first, so that no run is started for a caller that will not receive it.
  impl_->claims.close();
  if (impl_->mirror_waits) impl_->mirror_waits->rebuilds().close();
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
  if (impl_->http) addresses.http = impl_->http_address(options.http->host);
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
const Authenticator& Daemon::authenticator() const {
  return impl_->authenticator;
}
const Operations& Daemon::operations() const {
  return impl_->operations;
}
DaemonWatch& Daemon::watch() {
  return impl_->watch;
}

}  // namespace runledger
