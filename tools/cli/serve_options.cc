// Declares the options, and refuses what cannot be meant.
#include "tools/cli/serve_options.h"

#include <fmt/format.h>

#include "tools/cli/endpoint.h"
#include "tools/cli/interval.h"

namespace runledger {
namespace {

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
