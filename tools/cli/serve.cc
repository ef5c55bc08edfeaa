// `runledger serve`: the daemon.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "jobs/claims.h"
#include "jobs/reaper.h"
#include "tools/cli/endpoint.h"
#include "tools/cli/serve_check.h"
#include "tools/cli/serve_options.h"
#include "tools/cli/stop_signal.h"
#include "tools/daemon/followed_mirror.h"
#include "tools/daemon/gate.h"
#include "tools/daemon/http_server.h"
#include "tools/daemon/rpc_server.h"

namespace runledger {
namespace {

void report_failure(std::string_view code, std::string_view what) {
  fmt::print(stderr, "runledger: {}: {}\n", code, sanitize(what).str());
}

class Serve final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "serve",
            .summary = "The daemon: holds the ledger open for many processes, until SIGTERM",
            .example = "  runledger serve --http 127.0.0.1:8080 --postgres 'host=/run/postgresql dbname=app'"};
  }

  void declare(Options& options) override { typed_.declare(options); }

  ExitStatus run(const Context& context) override {
    const ServeSettings settings = typed_.require_settings(context.data);
    if (typed_.check_only()) return check(context, settings);
    StopSignal stop;
    Ledger ledger = open_ledger(context, catalog_of(context), {.renew_leases = true});
    FollowedRows rows(ledger.log());
    Claims claims(ledger, rows);
    const Reaper reaper(ledger, rows);
    TokenStore tokens(context.data);
    const Gate gate(ledger, rows, claims, tokens);
    std::optional<FollowedMirror> mirror;
    if (settings.mirror) mirror.emplace(ledger.log(), *settings.mirror, mirror_listener());
    {
      const RpcServer rpc(settings.rpc, gate);
      std::optional<HttpServer> http;
      if (settings.http) http.emplace(*settings.http, sources(gate, rows, mirror), ledger.log());
      report(context, settings, http ? http->port() : std::uint16_t{0}, ledger.log().last());
      stop.wait();
    }
    return ExitStatus::kDone;
  }

 private:
  static ExitStatus check(const Context& context, const ServeSettings& settings) {
    require_startable(context, settings);
    context.out.line(context.json() ? nlohmann::ordered_json{{"ok", true}}.dump() : "it would start");
    return ExitStatus::kDone;
  }

  static FollowedMirror::Listener mirror_listener() {
    return {.opened = [] {},
            .unreachable = report_failure,
            .stopped =
                [](std::string_view code, std::string_view what) {
                  report_failure(code, fmt::format("{}; the mirror is no longer followed", what));
                }};
  }

  static HttpSources sources(const Gate& gate, const FollowedRows& rows, const std::optional<FollowedMirror>& mirror) {
    return {.authenticate = [&gate](std::string_view token) { return gate.by_token(token); },
            .health =
                [&rows, &mirror] {
                  if (rows.stopped_by())
                    return HttpHealth{.ready = false, .reason = "the rows no longer follow the log"};
                  if (mirror && mirror->stopped())
                    return HttpHealth{.ready = false, .reason = "the mirror no longer follows the log"};
                  return HttpHealth{.ready = true, .reason = {}};
                },
            .report = report_failure};
  }

  static void report(const Context& context, const ServeSettings& settings, std::uint16_t http_port, Sequence head) {
    const std::string rpc = "unix:" + settings.rpc.socket.string();
    const std::string http =
        settings.http ? fmt::format("http://{}", Endpoint{settings.http->host, http_port}.str()) : std::string();
    if (context.json()) {
      nlohmann::ordered_json json{{"listening", rpc}, {"head", head.value}};
      if (!http.empty()) json["http"] = http;
      context.out.line(json.dump());
    } else {
      context.out.line(
          fmt::format("serving {}{}{}; the log ends at {}", rpc, http.empty() ? "" : " and ", http, head.value));
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
