// The interface through which programs append to a ledger and claim work, whether the ledger is in this process or a
// daemon has it open.
#pragma once

#include <chrono>
#include <memory>
#include <variant>
#include <vector>

#include "ledger/rules/ask.h"

namespace runledger {

class Ledger;

// Submits commands to one ledger. Any number of threads may submit at the same time; their commands share commits.
class LedgerClient {
 public:
  virtual ~LedgerClient() = default;

  // Waits for the answer. Throws Failure if the command certainly had no effect, such as "daemon.unreachable" if it was
  // never sent. A command that was sent but got no answer returns UnknownOutcome; submit it again with the same id.
  //
  // A daemon checks the caller's rights: RunRequest and CancelRun need the right to request, IdentityStart and
  // SpooledRun need the rights to request and to work, and all others need the right to work.
  [[nodiscard]] virtual Answer submit(const Ask& ask, const CommandOptions& options) = 0;
};

// Asks for work. Of the runs in the caller's scope that have one of these types, the one that has been due for longest
// is started.
struct ClaimRequest {
  std::vector<RunType> types;          // 1 to kClaimTypesMax.
  SanitizedText worker;                // The name of the worker in the attempt.
  std::chrono::milliseconds wait;      // How long to wait for a due run; at most kClaimWaitMax. 0: do not wait.
  std::optional<Duration> lease = {};  // As in StartAttempt; within the bounds of all these types.
};
inline constexpr std::size_t kClaimTypesMax = 64;
inline constexpr std::chrono::milliseconds kClaimWaitMax = std::chrono::seconds(60);

// An attempt that was started for the caller of claim(), with everything that its worker has to know.
struct ClaimedRun {
  Reply started;  // The run, the number of the attempt, and its token.
  Scope scope;
  RunType type;
  RunInput input;
  Duration lease{};  // How long the attempt lives without a heartbeat.
};

// No run was due within ClaimRequest::wait.
struct NothingDue {};

using ClaimAnswer = std::variant<ClaimedRun, NothingDue, Rejection, UnknownOutcome>;

// Hands out due runs. Any number of threads may claim at the same time. Tenants take turns, and no two callers get the
// same run.
class RunSource {
 public:
  virtual ~RunSource() = default;
  // Waits for the answer, and for a due run as long as ClaimRequest::wait says. Throws Failure "daemon.unreachable" if
  // the claim certainly had no effect. Repeated with the id of `options`, a claim returns the run that it got before.
  [[nodiscard]] virtual ClaimAnswer claim(const ClaimRequest& request, CommandOptions options) = 0;
};

// Returns a client of a ledger in this process, whose events name `caller`: the program itself by default. `ledger` is
// not owned and must outlive the client.
[[nodiscard]] std::unique_ptr<LedgerClient> embedded_client(Ledger& ledger, const Caller& caller = {});

}  // namespace runledger
