// Appending to a ledger without caring where it is: in this process, or behind a daemon.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ledger/endpoint.h"
#include "ledger/run_order.h"
#include "ledger/tls_files.h"

namespace runledger {

class Ledger;
class RpcLink;

// Each waits for its answer; any number of threads may ask at once, and share commits. Throws Failure where nothing was
// done, as "daemon.unreachable" where the command was never sent. Was it, and no answer came, that is UnknownOutcome.
class LedgerClient {
 public:
  virtual ~LedgerClient() = default;

  [[nodiscard]] virtual Answer request(const RunOrder& order, CommandMark mark) = 0;
  [[nodiscard]] virtual Answer start(const StartAttempt& start, CommandMark mark) = 0;
  // For a worker that has only its input: request rules and start rules in one step. kStarted, of a new run or of the
  // one that was queued for its identity; else kSkipped, and the work is not to be done. Needs the rights to request
  // and to work.
  [[nodiscard]] virtual Answer start_by_identity(const IdentityStart& start, CommandMark mark) = 0;
  [[nodiscard]] virtual Answer heartbeat(const Heartbeat& heartbeat) = 0;
  [[nodiscard]] virtual Answer finish(const FinishAttempt& finish, CommandMark mark) = 0;
  // "run.cancelled" with kCancelled, of a run however it stands, needs the right to request; all else that to work.
  [[nodiscard]] virtual Answer fail(const FailRun& fail, CommandMark mark) = 0;
  // Closes the run's open attempt if its lease has run out, as the reaper does: kExpired, or kAlive with what is left.
  [[nodiscard]] virtual Answer expire(RunId run) = 0;
};

// Asks for work: the run of one of these types, in the caller's scope, that has been due for longest, started.
struct ClaimOrder {
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
  // Waits for its answer, as ClaimOrder::wait says. Throws Failure "daemon.unreachable" where nothing was done.
  [[nodiscard]] virtual ClaimAnswer claim(const ClaimOrder& order, CommandMark mark) = 0;
};

// On a ledger of this process. `ledger` is not owned and must outlive the client.
[[nodiscard]] std::unique_ptr<LedgerClient> embedded_client(Ledger& ledger);

struct DaemonAddress {
  std::filesystem::path socket;  // A unix socket; empty: the endpoint.
  std::string token;             // Empty: as the user who runs the daemon, over its socket. Never logged.
  // For how long a command is tried again, a lost connection made anew, and an answer waited for. After it the answer
  // is UnknownOutcome where the command may have arrived.
  std::chrono::milliseconds patience{30'000};
  Endpoint endpoint = {};
  // How TLS is spoken with the endpoint: with which authorities (none: those that this system trusts) and, where the
  // daemon asks for one, with which certificate. Its own must be for the endpoint's host, a name. Absent: what is sent
  // there can be read on the way, the token too.
  std::optional<TlsFiles> tls = {};

  [[nodiscard]] std::string str() const;  // "unix:PATH", "tls:HOST:PORT", "tcp:HOST:PORT".
};

// The connection to the daemon that listens there; a client and a reader may share it. Throws Failure
// "daemon.unreachable" when nobody does, "daemon.untrusted" when who does shows no certificate that is in force, of
// those authorities and for that host, and as read_tls() does. When it does not take ours, "daemon.untrusting": from
// here, or from the first call.
[[nodiscard]] std::shared_ptr<RpcLink> connect_link(const DaemonAddress& address);

// On that daemon. A command without an id gets one, so that one that is tried again never acts twice.
[[nodiscard]] std::unique_ptr<LedgerClient> remote_client(std::shared_ptr<RpcLink> link);
// Claims there. One without an id gets one. A claim whose answer was lost is made again for as long as it would have
// waited, and seconds at least; after that it is UnknownOutcome, and made again under its id brings the same run.
[[nodiscard]] std::unique_ptr<RunSource> remote_run_source(std::shared_ptr<RpcLink> link);

// Has the daemon make a LedgerCopy (ledger/ledger_copy.h), and gives back its name. The daemon keeps it for as long as
// the link lasts, unless it is asked for another over it. For who runs the daemon, over its socket. Throws Failure as
// the copy does, "access.denied", "daemon.unreachable".
[[nodiscard]] std::string make_remote_copy(RpcLink& link);
// A client over a connection of its own.
[[nodiscard]] std::unique_ptr<LedgerClient> connect_client(const DaemonAddress& address);

}  // namespace runledger
