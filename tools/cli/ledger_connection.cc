// Looks for the daemon's socket before it opens the directory, because the look costs nothing.
#include "tools/cli/ledger_connection.h"

#include <cctype>
#include <exception>

#include "ledger/base/failure.h"
#include "ledger/log/store/ledger_copy.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/options/typed_endpoint.h"
#include "tools/cli/view_reader.h"

namespace runledger {
namespace {

std::string require_token(const std::string& file) {
  constexpr std::size_t kTokenBytesMax = 4096;
  std::string token = require_file(file, "token_file", kTokenBytesMax);
  while (!token.empty() && std::isspace(static_cast<unsigned char>(token.back())) != 0) token.pop_back();
  return token;
}

// Returns the text after `scheme`; nullopt when `typed` does not begin with it, or ends with it.
std::optional<std::string> after(std::string_view scheme, const std::string& typed) {
  if (!typed.starts_with(scheme) || typed.size() == scheme.size()) return std::nullopt;
  return typed.substr(scheme.size());
}

Endpoint require_tls_endpoint(const std::string& typed) {
  Endpoint endpoint = require_endpoint(typed, "--connect tls:", "connect.invalid");
  // kj looks up names in certificates, not addresses, so it would take every certificate for another host's.
  if (endpoint.is_address())
    refuse("connect.invalid",
           "expected --connect tls:HOST:PORT to name the host as its certificate does, found an "
           "address");
  return endpoint;
}

}  // namespace

std::optional<DaemonAddress> daemon_address(const TypedConnect& typed) {
  const bool says_tls = !typed.tls_ca.empty() || !typed.client_cert.empty() || !typed.client_key.empty();
  if (typed.address.empty() && !typed.token_file.empty())
    refuse("usage", "expected --token-file together with --connect");
  if (typed.client_cert.empty() != typed.client_key.empty())
    refuse("usage", "expected --client-cert and --client-key together");
  DaemonAddress address;
  if (const auto endpoint = after("tls:", typed.address)) {
    address.endpoint = require_tls_endpoint(*endpoint);
    address.tls = TlsFiles{.certificate = typed.client_cert, .key = typed.client_key, .authorities = typed.tls_ca};
  } else if (says_tls) {
    refuse("usage", "expected --connect tls:HOST:PORT together with the options about it");
  } else if (typed.address.empty()) {
    return std::nullopt;
  } else if (const auto socket = after("unix:", typed.address)) {
    address.socket = *socket;
  } else if (const auto plain = after("tcp:", typed.address)) {
    address.endpoint = require_endpoint(*plain, "--connect tcp:", "connect.invalid");
  } else {
    refuse("connect.invalid", "expected --connect to be unix:PATH, tls:HOST:PORT or tcp:HOST:PORT");
  }
  if (!typed.token_file.empty()) address.token = require_token(typed.token_file);
  return address;
}

std::shared_ptr<RpcLink> find_daemon(const Context& context) {
  return context.connect ? connect_link(*context.connect) : daemon_on(context.data);
}

std::unique_ptr<LedgerReader> reader_of_daemon(const Context& context) {
  const std::shared_ptr<RpcLink> link = find_daemon(context);
  return link ? remote_reader(link) : nullptr;
}

namespace {

std::unique_ptr<Ledger> opened(const Context& context) {
  return std::unique_ptr<Ledger>(new Ledger(open_ledger(context)));  // make_unique would have to move it.
}

}  // namespace

QuiescentLedger::QuiescentLedger(const Context& context, Served served, Unserved unserved) {
  // With --connect, the functions below refuse.
  if (!context.connect && served == Served::kCopy) link_ = find_daemon(context);
  if (link_) {
    Context looked_at = context;
    looked_at.data_is_copy = true;
    looked_at.data = LedgerCopy::path_of(context.data, make_remote_copy(*link_));
    ledger_ = opened(looked_at);
  } else if (served == Served::kCopy && unserved == Unserved::kView) {
    viewed_.emplace(context);
  } else {
    ledger_ = opened(context);
  }
}

LedgerConnection::LedgerConnection(const Context& context) {
  if (const std::shared_ptr<RpcLink> link = find_daemon(context)) {
    client_ = remote_client(link);
    reader_ = remote_reader(link);
    return;
  }
  ledger_ = opened(context);
  opened_at_ = ledger_->log().last();
  client_ = embedded_client(*ledger_, this_user());
  reader_ = embedded_reader(*ledger_, [context] { return progress_bar(context, "reading the log"); });
}

LedgerConnection::~LedgerConnection() {
  client_.reset();  // Waits for its commands.
  reader_.reset();
  if (ledger_) let_rows_follow(*ledger_, opened_at_);
}

ReadingConnection::ReadingConnection(const Context& context) {
  const std::shared_ptr<RpcLink> link = find_daemon(context);
  reader_ = link ? remote_reader(link) : view_reader(context);
}

void let_rows_follow(Ledger& ledger, Sequence opened_at) noexcept {
  if (opened_at.value / kRowsFollowEvery == ledger.log().last().value / kRowsFollowEvery) return;
  try {
    RowStore(ledger.log()).catch_up();
  } catch (const std::exception&) {  // A reader that meets the same says so.
  }
}

}  // namespace runledger
