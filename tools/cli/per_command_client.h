// A client that holds the ledger for no longer than each command takes.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "ledger/base/mutex.h"
#include "ledger/client.h"
#include "tools/cli/context.h"
#include "tools/cli/ledger_connection.h"

namespace runledger {

// For work that lasts: when no daemon holds the ledger, other processes can open it between two commands. Each command
// makes a LedgerConnection of its own, so a daemon may start and end meanwhile. Any thread may use it; commands wait
// for each other. Throws as LedgerConnection does; "ledger.busy" only after kTimeout, and so "daemon.unreachable" once
// an earlier command has reached the ledger.
class PerCommandClient final : public LedgerClient {
 public:
  // How long a command is retried, under one command id, while another process has the ledger open or the daemon is
  // away. The id makes the ledger carry it out only once.
  static constexpr std::chrono::seconds kTimeout{30};

  // `context` is not owned and must outlive this.
  explicit PerCommandClient(const Context& context) : context_(context) {}

  Answer submit(const Ask& ask, const CommandOptions& options) override;

  // Runs `work` with a connection that lives for this one call; again from its beginning while another process has the
  // ledger open.
  void use(const std::function<void(LedgerConnection&)>& work);

  // Returns the answer that the request would get now, without positions; changes nothing.
  [[nodiscard]] Answer explain(const RunRequest& request);

  // Ends the running attempt of `run` if its lease has run out, and returns the state of the run then: queued, or
  // failed if that was its last attempt. Returns nullopt when the lease has not run out, and also when the connection
  // goes through a daemon, which ends abandoned attempts by itself.
  [[nodiscard]] std::optional<Reply> expire_abandoned(RunId run);

 private:
  using Send = std::function<Answer(LedgerConnection&)>;
  Answer call(const Send& send);
  [[nodiscard]] CommandOptions named(CommandOptions options) const;

  const Context& context_;
  const std::string starter_ = random_starter();
  Mutex mutex_;
  // Some command has connected. Before, an unreachable address fails immediately.
  bool reached_ RUNLEDGER_GUARDED_BY(mutex_) = false;
};

}  // namespace runledger
