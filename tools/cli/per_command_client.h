// A ledger that is held for no longer than each command takes.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>

#include "ledger/client.h"
#include "tools/cli/context.h"
#include "tools/cli/ledger_connection.h"

namespace runledger {

// For work that lasts: where no daemon holds the ledger, others can have it between two commands. Each command finds
// the daemon or opens the directory by itself, so a daemon may come and go meanwhile. Any thread may use it; commands
// go one after the other.
class PerCommandClient final : public LedgerClient {
 public:
  // A command is tried again for that long, under one command id, while another process has the ledger open or the
  // daemon is away.
  static constexpr std::chrono::seconds kPatience{30};

  explicit PerCommandClient(const Context& context) : context_(context) {}

  Answer submit(const Ask& ask, const CommandOptions& options) override;

  struct Started {
    Answer answer;
    std::optional<Duration>
        lease;  // How long the attempt lives without a heartbeat, where it was started and that is known.
  };
  // Starts an attempt, with a first heartbeat at once, which tells the lease.
  [[nodiscard]] Started start_alive(const StartAttempt& start);

  // Ends the running run's attempt where its worker has let the lease run out, and gives how the run stands then:
  // queued, or failed when that was its last attempt. Absent: its worker is alive; or a daemon watches over the leases,
  // which does this by itself.
  [[nodiscard]] std::optional<Reply> expire_abandoned(RunId run);

 private:
  using Send = std::function<Answer(LedgerConnection&)>;
  Answer call(const Send& send);

  const Context& context_;
  std::mutex mutex_;
  bool reached_ = false;  // Once; a wrong address is told at once. Guarded by mutex_.
};

}  // namespace runledger
