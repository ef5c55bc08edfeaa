// `runledger serve`: the daemon.
#include <fmt/format.h>

#include <atomic>
#include <functional>
#include <string_view>

#include "clients/cpp/endpoint.h"
#include "clients/cpp/tls_files.h"
#include "jobs/dispatch/claims.h"
#include "jobs/dispatch/reaper.h"
#include "jobs/reconcile/requester.h"
#include "ledger/base/utf8.h"
#include "ledger/log/store/ledger_copy.h"
#include "ledger/log/store/store.h"
#include "ledger/values/json_writer.h"
#include "tools/cli/options/serve_options.h"
#include "tools/cli/process/open_files.h"
#include "tools/cli/process/readiness.h"
#include "tools/cli/process/stop_signal.h"
#include "tools/cli/serve_check.h"
#include "tools/daemon/access/authenticator.h"
#include "tools/daemon/followed_mirror.h"
#include "tools/daemon/http/server.h"
#include "tools/daemon/observe/watch.h"
#include "tools/daemon/rpc/server.h"

namespace runledger {
namespace {

class Serve final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "serve",
            .summary = "The daemon: holds the ledger open for many processes, until SIGTERM",
            .example = "  runledger serve --http 127.0.0.1:8080 --postgres 'host=/run/postgresql dbname=app'"};
  }

  void declare(Options& options) override { typed_.declare(options); }

  ExitStatus run(const Context& context) override {
    require_no_connect(context);
    ServeSettings settings = typed_.require_settings(context);
    if (typed_.check_only()) return check(context, settings);
    StopSignal stop;
    OperationsLog log(settings.log);
    limit_files(settings, log);
    DaemonMetrics metrics;
    DaemonWatch watch(log, metrics);
    std::atomic<bool> is_broken = false;
    const auto break_off = [&log, &is_broken](std::string_view code, std::string_view what) {
      is_broken = true;
      end_process_soon();
      log.write(LogLevel::kError, "fatal", {{"code", code}, {"what", what}});
    };
    serve(context, settings, stop, log, metrics, watch, break_off);
    log.write(LogLevel::kInfo, "stopped");
    return is_broken ? ExitStatus::kFailed : ExitStatus::kDone;
  }

 private:
  // Told that the write path broke. The process ends, so that whoever restarts it sees it.
  using BreakOff = std::function<void(std::string_view code, std::string_view what)>;

  static ExitStatus check(const Context& context, const ServeSettings& settings) {
    require_startable(context, settings);
    context.out.line(context.json() ? R"({"ok":true})" : "it would start");
    return ExitStatus::kDone;
  }

  static void limit_files(ServeSettings& settings, OperationsLog& log) {
    const int files = raise_open_files_max();
    settings.rpc.files_max = files_for_callers(files);
    std::size_t callers = settings.rpc.connections_max * (settings.rpc.endpoints.size() + 1);  // And the socket.
    if (settings.http) {
      settings.http->files_max = settings.rpc.files_max;
      callers += settings.http->connections_max;
    }
    if (callers >= static_cast<std::size_t>(settings.rpc.files_max))
      log.write(LogLevel::kWarning, "files-limited",
                {{"open_files_max", static_cast<std::uint64_t>(files)}, {"connections_max", std::uint64_t{callers}}});
  }

  static void serve(const Context& context, const ServeSettings& settings, StopSignal& stop, OperationsLog& log,
                    DaemonMetrics& metrics, DaemonWatch& watch, const BreakOff& break_off) {
    Ledger ledger = open_watched_ledger(context, metrics, break_off);
    warn_of_clock(ledger, log);
    LedgerCopy::remove_abandoned(context.data);
    FollowedRows rows(ledger.log());
    // The process goes on: what is decided and written needs no rows. Damaged ones would stop it from starting again,
    // and then nothing could be asked for, started or finished either.
    rows.on_stopped([&log](std::string_view code, std::string_view what) {
      log.write(LogLevel::kError, "rows-stopped", {{"code", code}, {"what", what}});
    });
    Claims claims(ledger, rows, [&log](std::string_view code, std::string_view what) {
      log.write(LogLevel::kError, "claims-stopped", {{"code", code}, {"what", what}});
    });
    const Reaper reaper(ledger, rows);
    const std::unique_ptr<LedgerClient> client = embedded_client(ledger);
    std::optional<ReconcileRequester> requester;
    if (settings.reconcile_every) requester.emplace(*client, rows, *settings.reconcile_every, reconcile_report(log));
    TokenStore tokens(context.data);
    const Authenticator gate(ledger, rows, claims, tokens);
    std::optional<FollowedMirror> mirror;
    if (settings.mirror) mirror.emplace(ledger.log(), *settings.mirror, mirror_listener(log));
    const std::optional<TlsIdentity> identity = read_identity(settings, SystemClock().now(), log);
    const Operations operations{.health = [&] { return health(rows, claims, mirror); },
                                .metrics = [&] { return metrics.text(standing(ledger, rows, mirror)); }};
    RpcServer::Options rpc_options = settings.rpc;
    rpc_options.tls = identity;
    rpc_options.operations = operations;
    rpc_options.watch = &watch;
    RpcServer rpc(rpc_options, gate);
    std::optional<HttpServer> http;
    if (settings.http) {
      HttpOptions http_options = *settings.http;
      http_options.tls = identity;
      http_options.watch = &watch;
      http.emplace(http_options, sources(gate, operations, watch), ledger.log());
    }
    report(context, addresses_of(settings, rpc, http), ledger.log().last(), log);
    tell_supervisor(kReady);
    stop.wait();
    tell_supervisor(kStopping);
    log.write(LogLevel::kInfo, "stopping");
    claims.close();  // Before anybody is let go, so that no run is started for somebody who will not learn of it.
    if (http) http->begin_stop();
    rpc.begin_stop();
  }

  static Ledger open_watched_ledger(const Context& context, DaemonMetrics& metrics, const BreakOff& break_off) {
    Sequencer::Options sequencer{.renew_leases = true};
    sequencer.on_commit = [&metrics](const CommitReport& report) { metrics.committed(report); };
    sequencer.on_broken = [break_off](const Failure& failure) { break_off(failure.code(), failure.what()); };
    return Ledger({.directory = context.data,
                   .catalog = catalog_of(context),
                   .clock = nullptr,
                   .env = nullptr,
                   .sequencer = sequencer,
                   .on_fatal = [break_off](const std::string& what) { break_off("storage.failed", what); }});
  }

  // Whoever runs the daemon is told why decisions have another time than the machine.
  static void warn_of_clock(const Ledger& ledger, OperationsLog& log) {
    constexpr Duration kUnnoticed = std::chrono::seconds(1);
    const Duration behind = ledger.clock().now() - SystemClock().now();
    if (behind <= kUnnoticed) return;
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(behind).count();
    log.write(LogLevel::kWarning, "clock-behind", {{"seconds", static_cast<std::uint64_t>(seconds)}});
  }

  static DaemonStanding standing(Ledger& ledger, const FollowedRows& rows,
                                 const std::optional<FollowedMirror>& mirror) {
    return {.head = ledger.log().last(),
            .rows = rows.rows().checkpoint(),
            .mirror = mirror ? std::optional(mirror->checkpoint().value_or(Sequence{})) : std::nullopt,
            .queue_depth = ledger.sequencer().queue_depth(),
            .runs_by_status = rows.rows().totals({}).statistics.by_status};
  }

  static ReconcileRequester::Report reconcile_report(OperationsLog& log) {
    return [&log](std::string_view code, std::string_view what) {
      log.write_sparingly(LogLevel::kWarning, "reconcile-not-requested", {{"code", code}, {"what", what}});
    };
  }

  static FollowedMirror::Listener mirror_listener(OperationsLog& log) {
    return {.opened = [&log] { log.write(LogLevel::kInfo, "mirror-followed"); },
            .unreachable =
                [&log](std::string_view code, std::string_view what) {
                  log.write(LogLevel::kWarning, "mirror-awaited", {{"code", code}, {"what", what}});
                },
            .stopped =
                [&log](std::string_view code, std::string_view what) {
                  log.write(LogLevel::kError, "mirror-stopped", {{"code", code}, {"what", what}});
                }};
  }

  // A mirror that waits for Postgres does not count: all that callers ask of the daemon it can do without.
  static DaemonHealth health(const FollowedRows& rows, const Claims& claims,
                             const std::optional<FollowedMirror>& mirror) {
    if (rows.stopped_by()) return {.ready = false, .reason = "the rows no longer follow the log"};
    if (claims.stopped_by()) return {.ready = false, .reason = "runs can no longer be handed out"};
    if (mirror && mirror->stopped()) return {.ready = false, .reason = "the mirror no longer follows the log"};
    return {.ready = true, .reason = {}};
  }

  static HttpSources sources(const Authenticator& gate, const Operations& operations, DaemonWatch& watch) {
    return {.authenticate =
                [&gate, &watch](std::string_view token) {
                  std::optional<Session> session = gate.by_token(token);
                  if (!session) watch.authentication_failed(Transport::kHttp);
                  return session;
                },
            .operations = operations,
            .report = [&watch](std::string_view code, std::string_view what) { watch.failed(code, what); }};
  }

  // Whoever runs the daemon is told of a certificate that its callers will not trust.
  static std::optional<TlsIdentity> read_identity(const ServeSettings& settings, Time now, OperationsLog& log) {
    if (!settings.tls) return std::nullopt;
    TlsIdentity identity = read_tls(*settings.tls);
    try {
      require_in_force(*settings.tls, identity, now);
    } catch (const Failure& expired) {
      log.write(LogLevel::kError, "certificate-expired", {{"what", expired.what()}});
    }
    return identity;
  }

  // As --connect and browsers take them.
  struct Addresses {
    std::vector<std::string> rpc;  // The socket first.
    std::string http;              // Empty: none.
  };

  static Addresses addresses_of(const ServeSettings& settings, const RpcServer& rpc,
                                const std::optional<HttpServer>& http) {
    Addresses addresses{.rpc = {"unix:" + settings.rpc.socket.string()}, .http = {}};
    for (const Endpoint& endpoint : rpc.endpoints())
      addresses.rpc.push_back(fmt::format("{}:{}", settings.tls ? "tls" : "tcp", endpoint.str()));
    const Endpoint served{settings.http ? settings.http->host : "", http ? http->port() : std::uint16_t{0}};
    if (http) addresses.http = fmt::format("{}://{}", settings.tls ? "https" : "http", served.str());
    return addresses;
  }

  static void report(const Context& context, const Addresses& addresses, Sequence head, OperationsLog& log) {
    log.write(LogLevel::kInfo, "started", {{"data", context.data.native()}, {"head", head.value}});
    for (const std::string& rpc : addresses.rpc)
      log.write(LogLevel::kInfo, "listening", {{"way", to_string(Transport::kRpc)}, {"address", rpc}});
    const std::string& http = addresses.http;
    if (!http.empty())
      log.write(LogLevel::kInfo, "listening", {{"way", to_string(Transport::kHttp)}, {"address", http}});
    if (context.json()) {
      JsonWriter json;
      json.begin_object().member("listening", valid_utf8(addresses.rpc.front())).key("rpc").begin_array();
      for (const std::string& rpc : addresses.rpc) json.text(valid_utf8(rpc));
      json.end_array().member("head", head.value);
      if (!http.empty()) json.member("http", http);
      json.end_object();
      context.out.line(json.take());
    } else {
      context.out.line(fmt::format("serving {}{}{}; the log ends at {}", fmt::join(addresses.rpc, ", "),
                                   http.empty() ? "" : " and ", http, head.value));
    }
    context.out.flush();
  }

  TypedServe typed_;
};

}  // namespace

std::unique_ptr<Subcommand> make_serve() {
  return std::make_unique<Serve>();
}

}  // namespace runledger
