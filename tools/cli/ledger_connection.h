// The ledger that a command reads from or appends to: a daemon's, or the data directory itself.
#pragma once

#include <memory>
#include <optional>

#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "projections/reader/ledger_reader.h"
#include "tools/cli/context.h"

namespace runledger {

// The options of a connection to a daemon, as typed. An option that was not given is empty.
struct TypedConnect {
  std::string address;
  std::string token_file;
  std::string tls_ca;
  std::string client_cert;
  std::string client_key;
};

// Checks the options and reads the token file. Returns nullopt when no address was typed. Throws Refused with codes
// "usage", "connect.invalid", "token_file.unreadable" and "token_file.too_large".
[[nodiscard]] std::optional<DaemonAddress> daemon_address(const TypedConnect& typed);

// Connects to the daemon at --connect, or else to the one on the data directory. Returns null when --connect is not
// given and no daemon serves the directory. Throws as connect_link() does.
[[nodiscard]] std::shared_ptr<RpcLink> find_daemon(const Context& context);

// Returns a reader of the daemon that find_daemon() finds, and null when it finds none.
[[nodiscard]] std::unique_ptr<LedgerReader> reader_of_daemon(const Context& context);

// What a command on the data directory does when a daemon holds the ledger: it is refused, or it works on a copy.
enum class Served { kRefuse, kCopy };

// The ledger on the data directory, at rest: no other process changes it while this lives. It is the ledger itself, or
// a point-in-time copy that its daemon makes. The daemon keeps the copy for as long as the connection to it, which this
// owns.
class QuiescentLedger {
 public:
  // Throws as open_ledger() and make_remote_copy() do.
  explicit QuiescentLedger(const Context& context, Served served = Served::kCopy);

  [[nodiscard]] Ledger& ledger() { return *ledger_; }
  [[nodiscard]] bool is_copy() const { return link_ != nullptr; }

 private:
  std::shared_ptr<RpcLink> link_;  // Keeps the copy alive; null when there is none.
  std::unique_ptr<Ledger> ledger_;
};

// A client and a reader of one ledger: through the daemon that find_daemon() finds, else by opening the directory,
// which no other process can then open. Neither changes over while this lives.
class LedgerConnection {
 public:
  // Throws as Ledger and connect_link() do.
  explicit LedgerConnection(const Context& context);

  [[nodiscard]] LedgerClient& client() { return *client_; }
  [[nodiscard]] LedgerReader& reader() { return *reader_; }
  // Null when the connection goes through a daemon.
  [[nodiscard]] Ledger* embedded() { return ledger_.get(); }

 private:
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<LedgerClient> client_;
  std::unique_ptr<LedgerReader> reader_;
};

}  // namespace runledger
