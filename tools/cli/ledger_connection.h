// The ledger that a command reads or appends to, wherever it is.
#pragma once

#include <memory>
#include <optional>

#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "projections/reader/ledger_reader.h"
#include "tools/cli/context.h"

namespace runledger {

// The options that name a daemon elsewhere, as typed; empty where not given.
struct TypedConnect {
  std::string address;
  std::string token_file;
  std::string tls_ca;
  std::string client_cert;
  std::string client_key;
};

// What they come to; absent without an address. Codes "usage", "connect.invalid", "token_file.unreadable",
// "token_file.too_large".
[[nodiscard]] std::optional<DaemonAddress> daemon_address(const TypedConnect& typed);

// The daemon at --connect, or on the data directory; null when none is named and nobody serves the directory. Throws as
// connect_link() does.
[[nodiscard]] std::shared_ptr<RpcLink> find_daemon(const Context& context);

// A reader of the daemon at --connect, or on the data directory; null when none is there.
[[nodiscard]] std::unique_ptr<LedgerReader> reader_of_daemon(const Context& context);

// What becomes of a command on the data directory that a daemon holds.
enum class Served { kRefuse, kCopy };

// The ledger on the data directory, which nobody changes meanwhile: itself, or a copy that its daemon makes of it.
class QuiescentLedger {
 public:
  // Throws as open_ledger() and make_remote_copy() do.
  explicit QuiescentLedger(const Context& context, Served served = Served::kCopy);

  [[nodiscard]] Ledger& ledger() { return *ledger_; }
  [[nodiscard]] bool is_copy() const { return link_ != nullptr; }

 private:
  std::shared_ptr<RpcLink> link_;  // Keeps the copy. Null: there is none.
  std::unique_ptr<Ledger> ledger_;
};

// The daemon on the data directory when one runs there, or at --connect; else the directory itself.
class LedgerConnection {
 public:
  // Throws as Ledger and connect_link() do.
  explicit LedgerConnection(const Context& context);

  [[nodiscard]] LedgerClient& client() { return *client_; }
  [[nodiscard]] LedgerReader& reader() { return *reader_; }
  // Null where a daemon is reached.
  [[nodiscard]] Ledger* embedded() { return ledger_.get(); }

 private:
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<LedgerClient> client_;
  std::unique_ptr<LedgerReader> reader_;
};

}  // namespace runledger
