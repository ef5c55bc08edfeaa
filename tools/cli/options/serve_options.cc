// Declares the options of `serve`, and turns the typed text into the settings of a daemon.
//
// declare() only binds each option to a member, as text. require_settings() then reads the members, one group after the
// other, and throws Refused at the first that is wrong: TLS, the addresses of RPC, HTTP, the mirror, the limits, the
// interval of reconciliation, and the log.
//
// It opens no socket, no ledger and no file but the system's list of groups, so a wrong option is refused before
// anything is touched; serve_check.h and the daemon itself examine the machine. Three rules hold across the groups:
//
// - The daemon never ignores an option. An option that only means something together with another one (a key without a
//   certificate, --http-host without --http) is refused with code "usage".
// - No address beyond the loopback is served in plain text by accident: require_closed_to_others() checks every one
//   of RPC and HTTP, and wants a certificate or an explicit --insecure-listen.
// - RPC is always served, if only on the socket in the data directory: commands on this machine find the daemon there.
//
// --connections and the two timeouts each set several limits of the RPC and HTTP servers. The limits that protect the
// daemon from callers who have not authenticated yet only become stricter with a timeout, never looser.
#include "tools/cli/options/serve_options.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <grp.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "ledger/base/ascii.h"
#include "ledger/base/loopback.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/options/interval.h"
#include "tools/cli/options/typed_endpoint.h"

namespace runledger {
namespace {

constexpr std::string_view kUnix = "unix:";
constexpr std::size_t kListenersMax = 16;
constexpr std::size_t kWitnessesMax = 16;
constexpr std::uint64_t kConnectionsMax = 1'000'000;

// A name or an address as in the Host header: an IPv6 address in brackets, and no port.
bool is_host(std::string_view text) {
  const bool has_brackets = text.starts_with('[') && text.ends_with(']');
  if (has_brackets) text = text.substr(1, text.size() - 2);
  const std::string_view others = has_brackets ? ":." : "-._";
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is_alnum(c) || others.find(c) != others.npos; });
}

// Host fields put the address of IPv6 into brackets, and people and orchestrators often do not.
std::string in_brackets(const std::string& host) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, host.c_str(), &address) == 1 ? fmt::format("[{}]", host) : host;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && text.front() != '0' && std::all_of(text.begin(), text.end(), is_digit);
}

// SCHEME://HOST[:PORT] as browsers write it: in lower case, and without the default port of the scheme. The server
// compares origins as text, so any other spelling would never match.
bool is_origin(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view scheme = text.substr(0, colon);
  const std::string_view host = text.substr(colon + 3);
  const auto is_scheme = [](char c) { return is_alnum(c) || c == '+' || c == '-' || c == '.'; };
  const auto is_upper = [](char c) { return c != to_lower(c); };
  if (!std::all_of(scheme.begin(), scheme.end(), is_scheme) || std::any_of(text.begin(), text.end(), is_upper))
    return false;
  const std::size_t end = host.ends_with(']') ? std::string_view::npos : host.rfind(':');
  if (end == std::string_view::npos) return is_host(host);
  const std::string_view port = host.substr(end + 1);
  const bool is_implied = (scheme == "http" && port == "80") || (scheme == "https" && port == "443");
  return is_host(host.substr(0, end)) && is_port(port) && !is_implied;
}

// The number of a group, from its name or, for a group that the system does not know, from the number itself.
gid_t require_group(const std::string& typed) {
  std::vector<char> members(1024 * 1024);  // Enough for any group that is in use.
  group entry{};
  group* found = nullptr;
  if (::getgrnam_r(typed.c_str(), &entry, members.data(), members.size(), &found) == 0 && found != nullptr)
    return found->gr_gid;
  gid_t number = 0;
  const char* const end = typed.data() + typed.size();
  const auto [rest, error] = std::from_chars(typed.data(), end, number);
  if (error != std::errc() || rest != end || number == static_cast<gid_t>(-1))
    refuse("socket_group.unknown",
           fmt::format("expected --socket-group to name a group of this machine, found \"{}\"", typed));
  return number;
}

}  // namespace

void TypedServe::declare(Options& options) {
  options.values("--listen", "unix:PATH|HOST:PORT",
                 "Where RPC is served: at most one unix:PATH, in the place of the socket in the data directory; may be "
                 "repeated",
                 listen_);
  options.value("--socket-group", "GROUP",
                "Lets the members of this group connect to the unix socket too; they need a token there",
                socket_group_);
  options.value("--http", "HOST:PORT", "Serves HTTP there; port 0 is any that is free", http_);
  options.values("--http-host", "NAME",
                 "A name by which callers may reach it besides those of the loopback; may be repeated",
                 access_.allowed_hosts);
  options.values("--http-origin", "ORIGIN", "An origin whose pages may call it from a browser; may be repeated",
                 access_.allowed_origins);
  options.value("--tls-cert", "FILE",
                "TLS for HTTP and for RPC over TCP, with this certificate, followed by its intermediate ones",
                tls_cert_);
  options.value("--tls-key", "FILE", "The key of --tls-cert", tls_key_);
  options.value("--tls-client-ca", "FILE", "Callers of RPC over TCP must show a certificate of one of these CAs",
                tls_client_ca_);
  options.flag("--insecure-listen", "Listens beyond the loopback without TLS too, where everybody can read along",
               insecure_listen_);
  options.flag("--open-metrics", "Lets everybody who reaches HTTP read /metrics, without a token",
               access_.open_metrics);
  options.flag("--no-ui", "Serves no page for browsers under /ui/", no_page_);
  options.flag("--open-checkpoints",
               "Lets everybody who reaches HTTP read /checkpoint and /tile/, without a token: they say how long the "
               "whole log is",
               access_.open_checkpoints);
  options.value("--checkpoint-every", "INTERVAL",
                "Signs a checkpoint at most so often while events come, and at the end (default 60s)",
                checkpoint_every_);
  options.value("--checkpoint-file", "FILE", "Replaced with each new checkpoint, to be kept elsewhere",
                checkpoint_file_);
  options.values("--witness", "'KEY URL'",
                 "A witness (C2SP's tlog-witness) that is asked to cosign each checkpoint; may be repeated",
                 witnesses_);
  options.value("--reconcile-every", "INTERVAL",
                "Asks for reconciliation of every workspace with work under way at each such interval, such as 5m",
                reconcile_every_);
  options.value("--backup-every", "INTERVAL", "Makes a backup at each such interval, such as 6h", backup_every_);
  options.value("--backup-dir", "DIR", "The directory of these backups, as runledger backup takes it", backup_dir_);
  options.number("--backup-keep", "N", "Keeps only the newest N of them (default: all)", backup_keep_);
  options.number("--connections", "N", "How many callers may be connected, over RPC and over HTTP each (default 1024)",
                 connections_);
  options.value("--idle-timeout", "INTERVAL",
                "Disconnects a caller that asks for nothing for so long (default 10m over RPC, 60s over HTTP)",
                idle_timeout_);
  options.value("--stall-timeout", "INTERVAL",
                "How long a caller may take to send a request, or to read an answer (default 30s)", stall_timeout_);
  options.value("--lock-wait", "INTERVAL",
                "How long to wait while another process holds the ledger (default 10s; 0s: not at all)", lock_wait_);
  options.flag("--strict-types", "Refuses requests of types that the catalog does not list", strict_types_);
  options.flag("--check-config", "Only reports whether the daemon would start with these options", check_config_);
  options.value("--log-format", "text|json",
                "The form of the log on standard error (default: text on a terminal, else json)", log_format_);
  options.value("--log-level", "info|warning|error", "The lowest level that is logged (default info)", log_level_);
  mirror_.declare(options);
}

ServeSettings TypedServe::require_settings(const Context& context) const {
  ServeSettings settings;
  Daemon::Options& daemon = settings.daemon;
  daemon.ledger.directory = context.data;
  daemon.tls = require_tls();
  daemon.rpc = require_rpc(context);
  daemon.http = require_http();
  if ((tls_cert_ || insecure_listen_) && !daemon.http && daemon.rpc->endpoints.empty())
    refuse("usage", "expected --http or --listen HOST:PORT together with --tls-cert and --insecure-listen");
  daemon.mirror = mirror_.options();
  require_limits(daemon);
  if (reconcile_every_) daemon.reconcile_every = require_interval(*reconcile_every_, "reconcile_every");
  daemon.backups = require_backups();
  if (checkpoint_every_) daemon.checkpoints.every = require_interval(*checkpoint_every_, "checkpoint_every");
  if (witnesses_.size() > kWitnessesMax) refuse("witness.invalid", "expected at most 16 of --witness, found more");
  for (const std::string& witness : witnesses_)
    daemon.checkpoints.witnesses.push_back(need(WitnessAddress::parse(witness)));
  if (checkpoint_file_) daemon.checkpoints.file = *checkpoint_file_;
  if (strict_types_) daemon.unknown_types = UnknownTypes::kRefuse;
  if (lock_wait_) settings.lock_wait = require_interval(*lock_wait_, "lock_wait", 0);
  settings.log = require_log(context);
  return settings;
}

RpcServerOptions TypedServe::require_rpc(const Context& context) const {
  RpcServerOptions rpc{.socket = {}};
  if (listen_.size() > kListenersMax) refuse("listen.invalid", "expected at most 16 of --listen, found more");
  for (const std::string& typed : listen_) {
    if (!typed.starts_with(kUnix)) {
      rpc.endpoints.push_back(require_endpoint(typed, "--listen", "listen.invalid"));
      require_closed_to_others(rpc.endpoints.back(), "--listen", "listen.invalid");
    } else if (!rpc.socket.empty()) {
      refuse("listen.invalid", "expected one --listen of unix:PATH, found several");
    } else if (typed.size() == kUnix.size()) {
      refuse("listen.invalid", "expected --listen to be unix:PATH or HOST:PORT, found no path");
    } else {
      rpc.socket = typed.substr(kUnix.size());
    }
  }
  if (rpc.socket.empty()) rpc.socket = context.data / kDaemonSocket;
  if (socket_group_) rpc.socket_group = require_group(*socket_group_);
  if (tls_client_ca_ && rpc.endpoints.empty())
    refuse("usage", "expected --listen HOST:PORT together with --tls-client-ca");
  return rpc;
}

std::optional<TlsFiles> TypedServe::require_tls() const {
  if (tls_cert_.has_value() != tls_key_.has_value()) refuse("usage", "expected --tls-cert and --tls-key together");
  if (!tls_cert_ && tls_client_ca_) refuse("usage", "expected --tls-cert together with --tls-client-ca");
  if (!tls_cert_) return std::nullopt;
  return TlsFiles{.certificate = *tls_cert_, .key = *tls_key_, .authorities = tls_client_ca_.value_or("")};
}

void TypedServe::require_closed_to_others(const Endpoint& endpoint, std::string_view flag,
                                          std::string_view code) const {
  if (tls_cert_ || insecure_listen_ || is_loopback(endpoint.host)) return;
  refuse(code, fmt::format("expected {} on the loopback, as there is no TLS: name a --tls-cert, put a proxy in "
                           "front, or say --insecure-listen",
                           flag));
}

std::optional<HttpOptions> TypedServe::require_http() const {
  if (!http_) {
    if (!access_.allowed_hosts.empty() || !access_.allowed_origins.empty() || access_.open_metrics ||
        access_.open_checkpoints || no_page_)
      refuse("usage", "expected --http together with the options about it");
    return std::nullopt;
  }
  const Endpoint endpoint = require_endpoint(*http_, "--http", "http.invalid");
  require_closed_to_others(endpoint, "--http", "http.invalid");
  HttpAccessPolicy access = access_;
  access.page = !no_page_;
  for (std::string& host : access.allowed_hosts) {
    host = in_brackets(host);
    if (!is_host(host))
      refuse("http_host.invalid", "expected --http-host to be a name or an address, without scheme and port");
  }
  for (const std::string& origin : access_.allowed_origins) {
    if (!is_origin(origin))
      refuse("http_origin.invalid",
             "expected --http-origin as a browser sends it: SCHEME://HOST[:PORT], in lower case, no port of 80 or "
             "443 that the scheme implies, nothing after it");
  }
  HttpOptions options;
  options.host = endpoint.host;
  options.port = endpoint.port;
  options.access = std::move(access);
  return options;
}

void TypedServe::require_limits(Daemon::Options& daemon) const {
  RpcServerOptions& rpc = *daemon.rpc;
  HttpOptions unserved;  // Takes the values that have no meaning without HTTP, but must be checked all the same.
  HttpOptions& http = daemon.http ? *daemon.http : unserved;
  if (connections_) {
    const std::uint64_t most = need(parse_number(*connections_, "connections", {.min = 1, .max = kConnectionsMax}));
    rpc.connections_max = http.connections_max = most;
    // One address, or the callers that have not authenticated, may hold at most a quarter, but never less than by
    // default.
    rpc.connections_of_address_max = std::max<std::size_t>(rpc.connections_of_address_max, most / 4);
    rpc.unauthenticated_max = std::max<std::size_t>(rpc.unauthenticated_max, most / 4);
  }
  if (idle_timeout_) rpc.idle_deadline = http.idle_deadline = require_interval(*idle_timeout_, "idle_timeout");
  if (!stall_timeout_) return;
  const std::chrono::milliseconds stall = require_interval(*stall_timeout_, "stall_timeout");
  rpc.stall_deadline = http.body_deadline = http.write_deadline = stall;
  rpc.authentication_deadline = std::min(rpc.authentication_deadline, stall);
  http.header_deadline = std::min(http.header_deadline, stall);
}

std::optional<BackupScheduleOptions> TypedServe::require_backups() const {
  constexpr std::uint64_t kKeepMax = 100'000;
  if (backup_every_.has_value() != backup_dir_.has_value() || (backup_keep_ && !backup_every_))
    refuse("usage", "expected --backup-every and --backup-dir together, and --backup-keep only with them");
  if (!backup_every_) return std::nullopt;
  BackupScheduleOptions backups{
      .directory = *backup_dir_, .every = require_interval(*backup_every_, "backup_every"), .keep = {}};
  if (backup_keep_) backups.keep = need(parse_number(*backup_keep_, "backup_keep", {.min = 1, .max = kKeepMax}));
  return backups;
}

OperationsLog::Options TypedServe::require_log(const Context& context) const {
  OperationsLog::Options options{.form = context.errors_to_terminal ? LogForm::kText : LogForm::kJson,
                                 .colours = context.errors_to_terminal && colours_are_welcome()};
  if (log_format_) {
    if (*log_format_ != "text" && *log_format_ != "json")
      refuse("log_format.invalid", "expected --log-format to be text or json");
    options.form = *log_format_ == "json" ? LogForm::kJson : LogForm::kText;
  }
  if (log_level_) {
    const std::optional<LogLevel> level = parse_word<LogLevel>(*log_level_);
    if (!level) refuse("log_level.invalid", "expected --log-level to be info, warning or error");
    options.least = *level;
  }
  return options;
}

}  // namespace runledger
