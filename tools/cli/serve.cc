// `runledger serve`: the daemon.
#include <arpa/inet.h>
#include <fmt/format.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "ledger/failure.h"
#include "projections/postgres/mirror.h"
#include "tools/cli/arguments.h"
#include "tools/cli/mirror_options.h"
#include "tools/cli/stop_signal.h"
#include "tools/cli/subcommand.h"
#include "tools/daemon/gate.h"
#include "tools/daemon/http_server.h"
#include "tools/daemon/rpc_server.h"

namespace runledger {
namespace {

constexpr auto kLookForStopEvery = std::chrono::milliseconds(500);

void report_failure(std::string_view code, std::string_view what) {
  fmt::print(stderr, "runledger: {}: {}\n", code, sanitize(what).str());
}

bool is_loopback(const std::string& host) {
  in_addr v4{};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24U) == 127;
  return host == "localhost" || host == "::1";
}

// HOST:PORT, or [V6]:PORT.
HttpOptions require_http(const std::string& typed) {
  const std::size_t colon = typed.rfind(':');
  if (colon == std::string::npos || colon == 0)
    refuse_input("http.invalid", fmt::format("expected --http to be HOST:PORT, found \"{}\"", typed));
  HttpOptions options;
  options.host = typed.substr(0, colon);
  if (options.host.size() > 2 && options.host.front() == '[' && options.host.back() == ']')
    options.host = options.host.substr(1, options.host.size() - 2);
  options.port = static_cast<std::uint16_t>(require(
      parse_number(typed.substr(colon + 1), "http", {.min = 0, .max = std::numeric_limits<std::uint16_t>::max()})));
  return options;
}

// The mirror in Postgres, kept up by a thread of its own for as long as it lives.
class FollowedMirror {
 public:
  FollowedMirror(EventLog& log, const MirrorOptions& options) : mirror_(log, options) {
    thread_ = std::thread([this] { follow(); });
  }
  ~FollowedMirror() {
    stopping_ = true;
    thread_.join();
  }
  FollowedMirror(const FollowedMirror&) = delete;
  FollowedMirror& operator=(const FollowedMirror&) = delete;

  // Because of something that trying again does not mend.
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  void follow() {
    try {
      if (opened()) mirror_.follow([this] { return stopping_.load(); });
    } catch (const Failure& failure) {
      report_failure(failure.code(), fmt::format("{}; the mirror is no longer followed", failure.what()));
      stopped_ = true;
    }
  }

  // The ledger serves whether or not Postgres is there, so it waits for it. False: there is no time for that any more.
  bool opened() {
    while (!stopping_) {
      try {
        mirror_.open(kLookForStopEvery);
        return true;
      } catch (const Failure& failure) {
        if (failure.code() != "mirror.unreachable") throw;
      }
    }
    return false;
  }

  Mirror mirror_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

class Serve final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "serve",
            .summary = "The daemon: holds the ledger open for many processes, until SIGTERM",
            .example = "  runledger serve --http 127.0.0.1:8080 --postgres 'host=/run/postgresql dbname=app'"};
  }

  void declare(Options& options) override {
    options.value("--listen", "unix:PATH", "Where RPC is served (default: the socket in the data directory)", listen_);
    options.value("--http", "HOST:PORT", "Serves HTTP there; port 0 is any that is free", http_);
    options.values("--http-host", "NAME",
                   "A name by which callers may reach it besides those of the loopback; may be repeated",
                   doors_.allowed_hosts);
    options.values("--http-origin", "ORIGIN", "Whose pages may call it from a browser; may be repeated",
                   doors_.allowed_origins);
    options.flag("--insecure-listen", "Lets --http listen beyond the loopback, where everybody can read along",
                 insecure_listen_);
    mirror_.declare(options);
  }

  ExitStatus run(const Context& context) override {
    const std::optional<MirrorOptions> mirror_options = mirror_.options();
    const std::filesystem::path socket = require_socket(context.data);
    const std::optional<HttpOptions> http_options = require_http_options();
    StopSignal stop;
    Ledger ledger = open_ledger(context);
    const FollowedRows rows(ledger.log());
    TokenStore tokens(context.data);
    const Gate gate(ledger, rows, tokens);
    std::optional<FollowedMirror> mirror;
    if (mirror_options) mirror.emplace(ledger.log(), *mirror_options);
    {
      const RpcServer rpc({.socket = socket}, gate);
      std::optional<HttpServer> http;
      if (http_options) http.emplace(*http_options, sources(gate, rows, mirror), ledger.log());
      report(context, socket, http ? http_address(*http_options, http->port()) : "", ledger.log().last());
      stop.wait();
    }
    return ExitStatus::kDone;
  }

 private:
  [[nodiscard]] std::filesystem::path require_socket(const std::filesystem::path& data) const {
    constexpr std::string_view kUnix = "unix:";
    if (!listen_) return data / kDaemonSocket;
    if (!listen_->starts_with(kUnix) || listen_->size() == kUnix.size())
      refuse_input("listen.invalid", "expected --listen to be unix:PATH");
    return listen_->substr(kUnix.size());
  }

  [[nodiscard]] std::optional<HttpOptions> require_http_options() const {
    if (!http_) {
      if (!doors_.allowed_hosts.empty() || !doors_.allowed_origins.empty() || insecure_listen_)
        refuse_input("usage", "expected --http together with the options about it");
      return std::nullopt;
    }
    HttpOptions options = require_http(*http_);
    options.doors = doors_;
    if (!insecure_listen_ && !is_loopback(options.host))
      refuse_input("http.invalid",
                   "expected --http on the loopback, as there is no encryption: put a proxy in front, or say "
                   "--insecure-listen");
    return options;
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

  static std::string http_address(const HttpOptions& options, std::uint16_t port) {
    const bool v6 = options.host.find(':') != std::string::npos;
    return v6 ? fmt::format("http://[{}]:{}", options.host, port) : fmt::format("http://{}:{}", options.host, port);
  }

  static void report(const Context& context, const std::filesystem::path& socket, const std::string& http,
                     Sequence head) {
    if (context.json()) {
      nlohmann::ordered_json json{{"listening", "unix:" + socket.string()}, {"head", head.value}};
      if (!http.empty()) json["http"] = http;
      context.out.line(json.dump());
    } else {
      context.out.line(fmt::format("serving unix:{}{}{}; the log ends at {}", socket.string(),
                                   http.empty() ? "" : " and ", http, head.value));
    }
    context.out.flush();
  }

  Typed listen_;
  Typed http_;
  HttpDoors doors_;
  bool insecure_listen_ = false;
  TypedMirror mirror_;
};

}  // namespace

std::unique_ptr<Subcommand> make_serve() {
  return std::make_unique<Serve>();
}

}  // namespace runledger
