// Appending to a ledger without caring where it is: in this process, or behind a daemon.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "ledger/run_order.h"

namespace runledger {

class Ledger;

// Each waits for its answer; any number of threads may ask at once, and share commits. Throws Failure where nothing was
// done: "daemon.unreachable".
class LedgerClient {
 public:
  virtual ~LedgerClient() = default;

  [[nodiscard]] virtual Answer request(const RunOrder& order, CommandMark mark) = 0;
  [[nodiscard]] virtual Answer start(const StartAttempt& start, CommandMark mark) = 0;
  [[nodiscard]] virtual Answer heartbeat(const Heartbeat& heartbeat) = 0;
  [[nodiscard]] virtual Answer finish(const FinishAttempt& finish, CommandMark mark) = 0;
  // With kCancelled the reason code is "run.cancelled".
  [[nodiscard]] virtual Answer fail(const FailRun& fail, CommandMark mark) = 0;
};

// On a ledger of this process. `ledger` is not owned and must outlive the client.
[[nodiscard]] std::unique_ptr<LedgerClient> embedded_client(Ledger& ledger);

struct DaemonAddress {
  std::filesystem::path socket;
  std::string token;  // Empty: as the user who runs the daemon. Never logged.
  // For how long a command is tried again, and a lost connection made anew. After it the answer is UnknownOutcome where
  // the command may have arrived.
  std::chrono::milliseconds patience{30'000};
};

// On the daemon that listens on a unix socket. A command without an id gets one, so that one that is tried again never
// acts twice. Throws Failure "daemon.unreachable" when nobody listens.
[[nodiscard]] std::unique_ptr<LedgerClient> connect_client(const DaemonAddress& address);

}  // namespace runledger
