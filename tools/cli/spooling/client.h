// A client that answers for a ledger that cannot be reached, and notes what it was told in the spool.
#pragma once

#include <optional>
#include <string>

#include "ledger/base/mutex.h"
#include "ledger/client.h"
#include "ledger/values/policy.h"
#include "tools/cli/spooling/record.h"
#include "tools/cli/spooling/spool.h"

namespace runledger {

// For one run. A start returns once the run is in the spool, durably, and an end once it is noted there. Heartbeats are
// always answered as alive: no other worker can have taken the run over. Takes StartAttempt, Heartbeat, FinishAttempt
// and FailRun. Throws Failure as the spool does. Any thread may use it.
class SpoolClient final : public LedgerClient {
 public:
  // `ledger` is the ledger that the run is meant for. The request must be complete and has the policy `policy`. The run
  // gets its id and the time of its request here.
  SpoolClient(Spool spool, std::string ledger, const RunRequest& request, const SanitizedText& worker,
              const Policy& policy);

  // The answer to the request.
  [[nodiscard]] const Reply& requested() const { return requested_; }
  Answer submit(const Ask& ask, const CommandOptions& options) override;

 private:
  struct Answering;
  Answer start() RUNLEDGER_REQUIRES(mutex_);
  Answer finish(const FinishAttempt& report) RUNLEDGER_REQUIRES(mutex_);
  Answer cancel() RUNLEDGER_REQUIRES(mutex_);
  [[nodiscard]] Reply reply(Verdict verdict) const RUNLEDGER_REQUIRES(mutex_);

  const Spool spool_;
  const Policy policy_;
  Reply requested_;
  Mutex mutex_;
  SpooledRecord record_ RUNLEDGER_GUARDED_BY(mutex_);
  std::optional<SpoolFile> file_ RUNLEDGER_GUARDED_BY(mutex_);
};

}  // namespace runledger
