// Appending to a ledger without caring where it is: in this process, or behind a daemon.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "ledger/rules/ask.h"

namespace runledger {

class Ledger;

// Any number of threads may ask at once, and share commits.
class LedgerClient {
 public:
  virtual ~LedgerClient() = default;

  // Waits for the answer. Throws Failure where nothing was done, as "daemon.unreachable" where the command was never
  // sent; a command that was sent and got no answer is UnknownOutcome. Behind a daemon, a RunRequest and a CancelRun
  // need the right to request, an IdentityStart the rights to request and to work, and all others the right to work.
  [[nodiscard]] virtual Answer submit(const Ask& ask, const CommandOptions& options) = 0;
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
