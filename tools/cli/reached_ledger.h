// The ledger that a command reads or appends to, wherever it is.
#pragma once

#include <memory>
#include <optional>

#include "ledger/client.h"
#include "projections/ledger_reader.h"
#include "tools/cli/context.h"

namespace runledger {

// What --connect and --token-file name; absent without the first. Codes "connect.invalid", "token_file.unreadable",
// "token_file.too_large".
[[nodiscard]] std::optional<DaemonAddress> daemon_address(const std::string& connect, const std::string& token_file);

// The daemon on the data directory when one runs there, or at --connect; else the directory itself.
class ReachedLedger {
 public:
  // Throws as Ledger and connect_link() do.
  explicit ReachedLedger(const Context& context);

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
