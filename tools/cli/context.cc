// Opens the ledger, reports errors and draws the progress bar.
#include "tools/cli/context.h"

#include <fmt/format.h>

#include <chrono>
#include <system_error>
#include <utility>

#include "jobs/builtin_catalog.h"
#include "ledger/base/failure.h"
#include "ledger/values/json_writer.h"
#include "tools/cli/exit_status.h"
#include "tools/cli/options/arguments.h"

namespace runledger {
namespace {

constexpr int kBarWidth = 30;
constexpr auto kRedrawEvery = std::chrono::milliseconds(100);

class ProgressBar {
 public:
  explicit ProgressBar(std::string_view doing) : doing_(doing) {}
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() {
    if (drawn_) write_stderr("\r\x1b[K");
  }

  void show(std::uint64_t done, std::uint64_t total) {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_drawn_ < kRedrawEvery) return;
    last_drawn_ = now;
    drawn_ = true;
    if (total == 0) {  // Unknown, as for standard input: a count replaces the bar.
      write_stderr(fmt::format("\r{} {}\x1b[K", doing_, done));
    } else {
      const auto filled = static_cast<int>(std::min(done, total) * kBarWidth / total);
      write_stderr(fmt::format("\r{} [{:<{}}] {}/{}\x1b[K", doing_, std::string(static_cast<std::size_t>(filled), '#'),
                               kBarWidth, done, total));
    }
  }

 private:
  std::string doing_;
  std::chrono::steady_clock::time_point last_drawn_;
  bool drawn_ = false;
};

bool is_served(const std::filesystem::path& data) {
  try {
    return daemon_on(data) != nullptr;
  } catch (const Failure&) {
    return false;  // The process that answers on the socket is not a daemon of ours.
  }
}

}  // namespace

Catalog catalog_of(const Context& context, const Policy& unlisted) {
  Catalog catalog = builtin_catalog(unlisted);
  if (!context.catalog.empty())
    catalog.overlay(need(Catalog::parse(require_file(context.catalog, "catalog", kCatalogBytesMax), unlisted)));
  return catalog;
}

std::shared_ptr<RpcLink> daemon_on(const std::filesystem::path& data) {
  const std::filesystem::path socket = data / kDaemonSocket;
  std::error_code ignored;  // If the path cannot be examined (a link to itself), no daemon listens there either.
  if (!std::filesystem::is_socket(socket, ignored)) return nullptr;
  try {
    return connect_link({.socket = socket, .token = {}});
  } catch (const Failure& failure) {
    if (failure.code() == "daemon.unreachable") return nullptr;  // A killed daemon left its socket.
    throw;
  }
}

void require_no_connect(const Context& context) {
  if (context.connect) refuse("usage", "expected no --connect: this command works on the directory itself");
}

void note_mark_failed(const std::string& what) {
  write_stderr(fmt::format("runledger: mark-failed: {}; nothing is lost\n", sanitize(what).str()));
}

Ledger open_ledger(const Context& context) {
  return open_ledger(context, catalog_of(context), {});
}

Ledger open_ledger(const Context& context, Catalog catalog, const Sequencer::Options& options) {
  require_no_connect(context);
  try {
    return Ledger(Ledger::Options{.directory = context.data,
                                  .is_copy = context.data_is_copy,
                                  .view_of = context.view_of,
                                  .catalog = std::move(catalog),
                                  .sequencer = options,
                                  .on_mark_failed = note_mark_failed});
  } catch (const Failure& failure) {
    throw_busy(context, failure);
  }
}

// The failure names the process that holds the ledger. Here we know besides that it is a daemon.
void throw_busy(const Context& context, const Failure& failure) {
  if (failure.code() != "ledger.busy" || !is_served(context.data)) throw failure;
  throw Failure(failure.remedy(), failure.code(),
                fmt::format("{}, its daemon: this command needs the ledger to itself, so end the daemon first (SIGTERM "
                            "to that process) and start it again afterwards",
                            failure.what()));
}

void report_error(const Context& context, std::string_view code, std::string_view message) {
  const std::string clean = sanitize(message).str();
  write_stderr(fmt::format("runledger: {}: {}\n", code, clean));
  if (!context.json()) return;
  JsonWriter out;
  out.begin_object().key("error").begin_object();
  out.member("code", code).member("message", clean);
  out.end_object().end_object();
  context.out.line(out.take());
}

Progress progress_bar(const Context& context, std::string_view doing) {
  if (!context.errors_to_terminal) return [](std::uint64_t, std::uint64_t) {};
  return
      [bar = std::make_shared<ProgressBar>(doing)](std::uint64_t done, std::uint64_t total) { bar->show(done, total); };
}

}  // namespace runledger
