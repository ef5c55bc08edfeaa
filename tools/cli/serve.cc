// `runledger serve`: the daemon.
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
#include "tools/daemon/rpc_server.h"

namespace runledger {
namespace {

// The mirror in Postgres, kept up by a thread of its own for as long as it lives.
class FollowedMirror {
 public:
  FollowedMirror(EventLog& log, const MirrorOptions& options) : mirror_(log, options) {
    mirror_.open(kMirrorPatience);
    thread_ = std::thread([this] { follow(); });
  }
  ~FollowedMirror() {
    stopping_ = true;
    thread_.join();
  }
  FollowedMirror(const FollowedMirror&) = delete;
  FollowedMirror& operator=(const FollowedMirror&) = delete;

 private:
  void follow() {
    try {
      mirror_.follow([this] { return stopping_.load(); });
    } catch (const Failure& failure) {
      fmt::print(stderr, "runledger: {}: {}; the mirror is no longer followed\n", failure.code(),
                 sanitize(failure.what()).str());
    }
  }

  Mirror mirror_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

class Serve final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "serve",
            .summary = "The daemon: holds the ledger open for many processes, until SIGTERM",
            .example = "  runledger serve --postgres 'host=/run/postgresql dbname=app'"};
  }

  void declare(Options& options) override {
    options.value("--listen", "unix:PATH", "Where RPC is served (default: the socket in the data directory)", listen_);
    mirror_.declare(options);
  }

  ExitStatus run(const Context& context) override {
    const std::optional<MirrorOptions> mirror_options = mirror_.options();
    const std::filesystem::path socket = require_socket(context.data);
    StopSignal stop;
    Ledger ledger = open_ledger(context);
    const FollowedRows rows(ledger.log());
    TokenStore tokens(context.data);
    const Gate gate(ledger, rows, tokens);
    std::optional<FollowedMirror> mirror;
    if (mirror_options) mirror.emplace(ledger.log(), *mirror_options);
    {
      const RpcServer rpc({.socket = socket}, gate);
      report(context, socket, ledger.log().last());
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

  static void report(const Context& context, const std::filesystem::path& socket, Sequence head) {
    if (context.json()) {
      context.out.line(nlohmann::ordered_json{{"listening", "unix:" + socket.string()}, {"head", head.value}}.dump());
    } else {
      context.out.line(fmt::format("serving unix:{}; the log ends at {}", socket.string(), head.value));
    }
    context.out.flush();
  }

  Typed listen_;
  TypedMirror mirror_;
};

}  // namespace

std::unique_ptr<Subcommand> make_serve() {
  return std::make_unique<Serve>();
}

}  // namespace runledger
