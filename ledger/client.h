// Appending to a ledger without caring where it is: in this process, or behind a daemon.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "ledger/rules/run_request.h"

namespace runledger {

class Ledger;

// Each waits for its answer; any number of threads may ask at once, and share commits. Throws Failure where nothing was
// done, as "daemon.unreachable" where the command was never sent. Was it, and no answer came, that is UnknownOutcome.
class LedgerClient {
 public:
  virtual ~LedgerClient() = default;

  [[nodiscard]] virtual Answer request(const RunRequest& order, CommandOptions mark) = 0;
  [[nodiscard]] virtual Answer start(const StartAttempt& start, CommandOptions mark) = 0;
  // For a worker that has only its input: request rules and start rules in one step. kStarted, of a new run or of the
  // one that was queued for its identity; else kSkipped, and the work is not to be done. Needs the rights to request
  // and to work.
  [[nodiscard]] virtual Answer start_by_identity(const IdentityStart& start, CommandOptions mark) = 0;
  [[nodiscard]] virtual Answer heartbeat(const Heartbeat& heartbeat) = 0;
  [[nodiscard]] virtual Answer finish(const FinishAttempt& finish, CommandOptions mark) = 0;
  // "run.cancelled" with kCancelled, of a run however it stands, needs the right to request; all else that to work.
  [[nodiscard]] virtual Answer fail(const FailRun& fail, CommandOptions mark) = 0;
  // Closes the run's open attempt if its lease has run out, as the reaper does: kExpired, or kAlive with what is left.
  [[nodiscard]] virtual Answer expire(RunId run) = 0;
};

// Asks for work: the run of one of these types, in the caller's scope, that has been due for longest, started.
struct ClaimRequest {
  std::vector<RunType> types;      // 1 to kClaimTypesMax.
  SanitizedText worker;            // As the attempt names it.
  std::chrono::milliseconds wait;  // For how long to wait where nothing is due; at most kClaimWaitMax. 0: not at all.
};
inline constexpr std::size_t kClaimTypesMax = 64;
inline constexpr std::chrono::milliseconds kClaimWaitMax = std::chrono::seconds(60);

// An attempt that was started for whoever claimed it, with what its worker has to know.
struct ClaimedRun {
  Reply started;  // Run, attempt, token.
  Scope scope;
  RunType type;
  RunInput input;
  Duration lease{};  // How long the attempt lives without a heartbeat.
};

struct NothingDue {};

using ClaimAnswer = std::variant<ClaimedRun, NothingDue, Rejection, UnknownOutcome>;

// Where work is claimed. Any number of threads may claim at once; tenants take turns, and no two callers get one run.
class RunSource {
 public:
  virtual ~RunSource() = default;
  // Waits for its answer, as ClaimRequest::wait says. Throws Failure "daemon.unreachable" where nothing was done.
  [[nodiscard]] virtual ClaimAnswer claim(const ClaimRequest& order, CommandOptions mark) = 0;
};

// On a ledger of this process. `ledger` is not owned and must outlive the client.
[[nodiscard]] std::unique_ptr<LedgerClient> embedded_client(Ledger& ledger);

}  // namespace runledger
