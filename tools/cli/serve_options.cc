// Declares the options, and refuses what cannot be meant.
#include "tools/cli/serve_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "tools/cli/arguments.h"
#include "tools/cli/endpoint.h"
#include "tools/cli/interval.h"

namespace runledger {
namespace {

constexpr std::uint64_t kConnectionsMax = 1'000'000;

std::filesystem::path require_socket(const std::string& typed) {
  constexpr std::string_view kUnix = "unix:";
  if (!typed.starts_with(kUnix) || typed.size() == kUnix.size())
    refuse_input("listen.invalid", fmt::format("expected --listen to be unix:PATH, found \"{}\"", typed));
  return typed.substr(kUnix.size());
}

std::optional<LogLevel> parse_log_level(const std::string& typed) {
  if (typed == "info") return LogLevel::kInfo;
  if (typed == "warning") return LogLevel::kWarning;
  if (typed == "error") return LogLevel::kError;
  return std::nullopt;
}

}  // namespace

void TypedServe::declare(Options& options) {
  options.values("--listen", "unix:PATH", "Where RPC is served (default: the socket in the data directory)", listen_);
  options.value("--http", "HOST:PORT", "Serves HTTP there; port 0 is any that is free", http_);
  options.values("--http-host", "NAME",
                 "A name by which callers may reach it besides those of the loopback; may be repeated",
                 doors_.allowed_hosts);
  options.values("--http-origin", "ORIGIN", "Whose pages may call it from a browser; may be repeated",
                 doors_.allowed_origins);
  options.flag("--insecure-listen", "Lets --http listen beyond the loopback, where everybody can read along",
               insecure_listen_);
  options.flag("--open-metrics", "Lets everybody who reaches HTTP read /metrics, without a token", doors_.open_metrics);
  options.value("--reconcile-every", "INTERVAL",
                "Asks for reconciliation of every workspace with work under way at each such interval, such as 5m",
                reconcile_every_);
  options.value("--connections", "N", "How many callers may be connected, over RPC and over HTTP each (default 1024)",
                connections_);
  options.value("--idle-timeout", "INTERVAL",
                "After which a caller that asks for nothing is let go (default 10m over RPC, 60s over HTTP)",
                idle_timeout_);
  options.value("--stall-timeout", "INTERVAL",
                "In which a request must come whole, and an answer be taken (default 30s)", stall_timeout_);
  options.flag("--check-config", "Only says whether it would start so, and ends", check_config_);
  options.value("--log-format", "text|json",
                "How it tells what happens, on standard error (default: text on a terminal)", log_format_);
  options.value("--log-level", "info|warning|error", "The least that it tells of (default info)", log_level_);
  mirror_.declare(options);
}

ServeSettings TypedServe::require_settings(const Context& context) const {
  ServeSettings settings;
  if (listen_.size() > 1) refuse_input("listen.invalid", "expected one --listen, found several");
  settings.rpc.socket = listen_.empty() ? context.data / kDaemonSocket : require_socket(listen_.front());
  settings.http = require_http();
  settings.mirror = mirror_.options();
  require_limits(settings);
  if (reconcile_every_) settings.reconcile_every = require_interval(*reconcile_every_, "reconcile_every");
  settings.log = require_log(context);
  return settings;
}

std::optional<HttpOptions> TypedServe::require_http() const {
  if (!http_) {
    if (!doors_.allowed_hosts.empty() || !doors_.allowed_origins.empty() || doors_.open_metrics || insecure_listen_)
      refuse_input("usage", "expected --http together with the options about it");
    return std::nullopt;
  }
  const Endpoint endpoint = require_endpoint(*http_, "--http", "http.invalid");
  if (!insecure_listen_ && !endpoint.is_loopback())
    refuse_input("http.invalid",
                 "expected --http on the loopback, as there is no encryption: put a proxy in front, or say "
                 "--insecure-listen");
  HttpOptions options;
  options.host = endpoint.host;
  options.port = endpoint.port;
  options.doors = doors_;
  return options;
}

void TypedServe::require_limits(ServeSettings& settings) const {
  RpcServer::Options& rpc = settings.rpc;
  HttpOptions unserved;
  HttpOptions& http = settings.http ? *settings.http : unserved;
  if (connections_) {
    const std::uint64_t most = require(parse_number(*connections_, "connections", {.min = 1, .max = kConnectionsMax}));
    rpc.connections_max = http.connections_max = most;
  }
  if (idle_timeout_) rpc.idle_deadline = http.idle_deadline = require_interval(*idle_timeout_, "idle_timeout");
  if (!stall_timeout_) return;
  const std::chrono::milliseconds stall = require_interval(*stall_timeout_, "stall_timeout");
  rpc.stall_deadline = http.body_deadline = http.write_deadline = stall;
  rpc.authentication_deadline = std::min(rpc.authentication_deadline, stall);
  http.header_deadline = std::min(http.header_deadline, stall);
}

DaemonLog::Options TypedServe::require_log(const Context& context) const {
  DaemonLog::Options options{.form = context.errors_to_terminal ? LogForm::kText : LogForm::kJson,
                             .least = LogLevel::kInfo,
                             .colours = context.errors_to_terminal};
  if (log_format_) {
    if (*log_format_ != "text" && *log_format_ != "json")
      refuse_input("log_format.invalid", "expected --log-format to be text or json");
    options.form = *log_format_ == "json" ? LogForm::kJson : LogForm::kText;
  }
  if (log_level_) {
    const std::optional<LogLevel> level = parse_log_level(*log_level_);
    if (!level) refuse_input("log_level.invalid", "expected --log-level to be info, warning or error");
    options.least = *level;
  }
  return options;
}

}  // namespace runledger
