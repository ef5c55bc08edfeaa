// Looks for the daemon's socket first, because looking for it costs nothing.
#include "tools/cli/reached_ledger.h"

#include <cctype>
#include <system_error>

#include "ledger/failure.h"
#include "tools/cli/arguments.h"

namespace runledger {
namespace {

// Null when nobody serves the directory.
std::shared_ptr<RpcLink> find_daemon(const Context& context) {
  const std::filesystem::path socket = context.data / kDaemonSocket;
  std::error_code ignored;  // Where it cannot be looked at (a link that leads to itself), no daemon listens either.
  if (!std::filesystem::is_socket(socket, ignored)) return nullptr;
  try {
    return connect_link({.socket = socket, .token = {}});
  } catch (const Failure& failure) {
    if (failure.code() == "daemon.unreachable") return nullptr;  // What a daemon that was killed has left behind.
    throw;
  }
}

}  // namespace

std::optional<DaemonAddress> daemon_address(const std::string& connect, const std::string& token_file) {
  constexpr std::string_view kUnix = "unix:";
  constexpr std::size_t kTokenBytesMax = 4096;
  if (connect.empty() && !token_file.empty()) refuse_input("usage", "expected --token-file together with --connect");
  if (connect.empty()) return std::nullopt;
  if (!connect.starts_with(kUnix) || connect.size() == kUnix.size())
    refuse_input("connect.invalid", "expected --connect to be unix:PATH");
  DaemonAddress address{.socket = connect.substr(kUnix.size()), .token = {}};
  if (!token_file.empty()) {
    address.token = require_file(token_file, "token_file", kTokenBytesMax);
    while (!address.token.empty() && std::isspace(static_cast<unsigned char>(address.token.back())) != 0)
      address.token.pop_back();
  }
  return address;
}

ReachedLedger::ReachedLedger(const Context& context) {
  if (const std::shared_ptr<RpcLink> link = context.connect ? connect_link(*context.connect) : find_daemon(context)) {
    client_ = remote_client(link);
    reader_ = remote_reader(link);
    return;
  }
  ledger_.reset(new Ledger(open_ledger(context)));  // make_unique would have to move it.
  client_ = embedded_client(*ledger_);
  reader_ = embedded_reader(*ledger_, [context] { return progress_bar(context, "reading the log"); });
}

}  // namespace runledger
