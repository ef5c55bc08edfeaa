// Declares the options, and refuses what cannot be meant.
#include "tools/cli/serve_options.h"

#include <fmt/format.h>

#include "tools/cli/endpoint.h"

namespace runledger {
namespace {

std::filesystem::path require_socket(const std::string& typed) {
  constexpr std::string_view kUnix = "unix:";
  if (!typed.starts_with(kUnix) || typed.size() == kUnix.size())
    refuse_input("listen.invalid", fmt::format("expected --listen to be unix:PATH, found \"{}\"", typed));
  return typed.substr(kUnix.size());
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
  options.flag("--check-config", "Only says whether it would start so, and ends", check_config_);
  mirror_.declare(options);
}

ServeSettings TypedServe::require_settings(const std::filesystem::path& data) const {
  ServeSettings settings;
  if (listen_.size() > 1) refuse_input("listen.invalid", "expected one --listen, found several");
  settings.rpc.socket = listen_.empty() ? data / kDaemonSocket : require_socket(listen_.front());
  settings.http = require_http();
  settings.mirror = mirror_.options();
  return settings;
}

std::optional<HttpOptions> TypedServe::require_http() const {
  if (!http_) {
    if (!doors_.allowed_hosts.empty() || !doors_.allowed_origins.empty() || insecure_listen_)
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

}  // namespace runledger
