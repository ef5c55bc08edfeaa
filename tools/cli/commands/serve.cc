// `runledger serve`: runs the daemon in this process.
//
// TypedServe turns the options into settings, and Daemon does everything that serves callers. This file adds what
// belongs to the process, in this order:
// 1. With --check-config it only checks whether the daemon would start, and ends.
// 2. StopSignal and HangupSignal block SIGINT, SIGTERM and SIGHUP before any thread is started, since threads inherit
//    that.
// 3. limit_files() raises the limit of open files, and divides it between the store and the callers.
// 4. The Daemon starts. While another process holds the ledger, it is tried again until --lock-wait is over: in the
//    moment between two daemons, any short command may have opened the directory. When its constructor returns, it
//    accepts callers; only then is the line with its addresses printed and the supervisor notified, so that a program
//    that waits for either can connect immediately.
// 5. The main thread waits for a signal. At SIGHUP it reads the options again, and gives the daemon what can change
//    while it runs: all of it, or after a mistake none.
// 6. At SIGINT or SIGTERM it notifies the supervisor and begins the stop; the destructor of the Daemon waits for the
//    calls under way. A second signal ends the process at that point.
//
// If the ledger can no longer be written, the Daemon calls break_off on the thread that noticed. It must not block, so
// it only notes that the daemon is broken, starts a timer that ends the process with status 1, and logs the reason. The
// timer gives callers a moment to get their answers. If a signal ends the daemon first, is_broken makes the status 1
// all the same, so that the supervisor starts it again.
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <string_view>

#include "ledger/base/assert.h"
#include "ledger/base/failure.h"
#include "ledger/base/utf8.h"
#include "ledger/values/json_writer.h"
#include "tools/cli/command_line.h"
#include "tools/cli/options/serve_options.h"
#include "tools/cli/process/hangup_signal.h"
#include "tools/cli/process/open_files.h"
#include "tools/cli/process/readiness.h"
#include "tools/cli/process/stop_signal.h"
#include "tools/cli/serve_check.h"
#include "tools/daemon/daemon.h"

namespace runledger {
namespace {

constexpr std::chrono::milliseconds kLockTriedEvery{50};

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
    const HangupSignal hangup;
    OperationsLog log(settings.log);
    limit_files(settings, log);
    std::atomic<bool> is_broken = false;
    const auto break_off = [&log, &is_broken](std::string_view code, std::string_view what) {
      is_broken = true;
      end_process_soon();
      log.write(LogLevel::kError, "fatal", {{"code", code}, {"what", what}});
    };
    serve(context, settings, {stop, hangup}, log, break_off);
    log.write(LogLevel::kInfo, "stopped");
    return is_broken ? ExitStatus::kFailed : ExitStatus::kDone;
  }

 private:
  static ExitStatus check(const Context& context, const ServeSettings& settings) {
    require_startable(context, settings.daemon);
    context.out.line(context.json() ? R"({"ok":true})" : "it would start");
    return ExitStatus::kDone;
  }

  // The callers may be allowed more connections than there are files: then the limit of files counts, and the operator
  // is warned.
  static void limit_files(ServeSettings& settings, OperationsLog& log) {
    const int files = raise_open_files_max();
    RpcServerOptions& rpc = *settings.daemon.rpc;
    rpc.files_max = files_for_callers(files);
    std::size_t callers = rpc.connections_max * (rpc.endpoints.size() + 1);  // One more for the unix socket.
    if (std::optional<HttpOptions>& http = settings.daemon.http) {
      http->files_max = rpc.files_max;
      callers += http->connections_max;
    }
    if (callers >= static_cast<std::size_t>(rpc.files_max))
      log.write(LogLevel::kWarning, "files-limited",
                {{"open_files_max", static_cast<std::uint64_t>(files)}, {"connections_max", std::uint64_t{callers}}});
  }

  // Starts the daemon once no other process holds the ledger. Returns null when a signal came first.
  static std::unique_ptr<Daemon> start(const ServeSettings& settings, StopSignal& stop, OperationsLog& log,
                                       const Daemon::OnBroken& break_off) {
    const auto deadline = std::chrono::steady_clock::now() + settings.lock_wait;
    for (bool is_first = true;; is_first = false) {
      // Read before the attempt, so that the last one is made when the time is over, and not before.
      const bool is_last = std::chrono::steady_clock::now() >= deadline;
      try {
        return std::make_unique<Daemon>(settings.daemon, log, break_off);
      } catch (const Failure& failure) {
        if (failure.code() != "ledger.busy" || is_last) throw;
        if (is_first)
          log.write(LogLevel::kWarning, "ledger-awaited",
                    {{"seconds", static_cast<std::uint64_t>(settings.lock_wait.count())}, {"what", failure.what()}});
      }
      if (stop.wait_for(kLockTriedEvery)) return nullptr;
    }
  }

  struct Signals {
    StopSignal& stop;
    const HangupSignal& hangup;
  };

  static void serve(const Context& context, ServeSettings& settings, const Signals& signals, OperationsLog& log,
                    const Daemon::OnBroken& break_off) {
    settings.daemon.ledger.catalog = catalog_of(context);
    const std::unique_ptr<Daemon> daemon = start(settings, signals.stop, log, break_off);
    if (!daemon) return;
    report(context, daemon->addresses(), daemon->ledger().log().last(), log);
    notify_supervisor(kReady);
    while (!signals.stop.wait_beside(signals.hangup.descriptor())) {
      signals.hangup.take();
      reload(context, *daemon, log);
    }
    signals.stop.wait();
    notify_supervisor(kStopping);
    log.write(LogLevel::kInfo, "stopping");
    daemon->begin_stop();
  }

  // The daemon serves on as before when what it reads has a mistake.
  static void reload(const Context& context, Daemon& daemon, OperationsLog& log) {
    const auto fail = [&log](std::string_view code, std::string_view what) {
      log.write(LogLevel::kError, "reload-failed", {{"code", code}, {"what", what}});
    };
    try {
      ServeSettings settings = read_again(context);
      // The files of TLS come last among what can have a mistake, because nothing has changed when they are refused.
      daemon.reload_tls(settings.daemon.tls);
      daemon.ledger().replace_catalog(std::move(settings.daemon.ledger.catalog));
      log.set_least(settings.log.least);
      log.write(LogLevel::kInfo, "reloaded");
    } catch (const Refused& refused) {
      fail(refused.rejection().code, refused.rejection().detail.str());
    } catch (const Failure& failure) {
      fail(failure.code(), failure.what());
    } catch (const std::exception& error) {
      fail("internal", error.what());
    }
  }

  // The command line and the environment are those of the start; the files may be others.
  static ServeSettings read_again(const Context& context) {
    const auto commands = all_subcommands();
    const CommandLine line =
        parse_command_line(static_cast<int>(context.arguments.size()), context.arguments.data(), commands);
    const auto* const serve = dynamic_cast<const Serve*>(line.command);
    RUNLEDGER_ASSERT(serve != nullptr);
    ServeSettings settings = serve->typed_.require_settings(context);
    Context again = context;
    again.catalog = line.catalog;
    settings.daemon.ledger.catalog = catalog_of(again);
    return settings;
  }

  static void report(const Context& context, const Daemon::Addresses& addresses, Sequence head, OperationsLog& log) {
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
