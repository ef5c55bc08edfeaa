// The interface for programs that use a daemon: connections, and clients and readers over them.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "clients/cpp/endpoint.h"
#include "clients/cpp/tls_files.h"
#include "jobs/erase_tenant.h"
#include "ledger/client.h"
#include "projections/reader/ledger_reader.h"

namespace runledger {

class RpcLink;

// Where a daemon listens, and how a client connects and authenticates.
struct DaemonAddress {
  std::filesystem::path socket = {};  // A unix socket. Empty: `endpoint` is used.
  std::string token;  // The access token; never logged. Empty: over the socket, as the user who runs the daemon.
  // How long a client repeats a command, reconnects after a lost connection, and waits for an answer. After that the
  // answer is UnknownOutcome if the command may have reached the daemon.
  std::chrono::milliseconds timeout{30'000};
  Endpoint endpoint = {};
  // The authorities that may vouch for the daemon (none: those that this system trusts) and our own certificate, for a
  // daemon that asks for one. The daemon's certificate must be valid for the endpoint's host, which must be a name.
  // Absent: the connection is not encrypted, and others can read all that is sent, including the token.
  std::optional<TlsFiles> tls = {};

  [[nodiscard]] std::string str() const;  // "unix:PATH", "tls:HOST:PORT", "tcp:HOST:PORT".
};

// Connects to a daemon. Clients and readers may share the link. Throws Failure
// - "daemon.unreachable": no daemon listens at the address;
// - "daemon.untrusted": the daemon shows no certificate that is valid now, for that host, from a trusted authority;
// - "daemon.untrusting": the daemon does not accept our certificate. With TLS 1.3 this may show only at the first call;
// - the codes of read_tls().
[[nodiscard]] std::shared_ptr<RpcLink> connect_link(const DaemonAddress& address);

// Returns a client of the daemon. A command without an id gets one, so that a repeated command never acts twice.
[[nodiscard]] std::unique_ptr<LedgerClient> remote_client(std::shared_ptr<RpcLink> link);
// Returns a source of the daemon's runs. A claim without an id gets one. If the answer to a claim is lost, the claim is
// repeated for as long as it would have waited, but at least for two seconds, and at most for `timeout`. After that
// the answer is UnknownOutcome; a repeat with the same id returns the run that was started.
[[nodiscard]] std::unique_ptr<RunSource> remote_run_source(std::shared_ptr<RpcLink> link);

// Has the daemon make a LedgerCopy (ledger/log/store/ledger_copy.h) and returns its name. The daemon keeps the copy
// until the link is closed or asks for another copy. Only the user who runs the daemon may call this, over its socket.
// Throws Failure as the copy does, "access.denied" and "daemon.unreachable".
[[nodiscard]] std::string make_remote_copy(RpcLink& link, CopyOf what = CopyOf::kLogAndDerived);
// Returns the address of the page that the daemon serves to browsers; empty when it serves none. Needs the right to
// operate. Throws Failure "access.denied" and "daemon.unreachable".
[[nodiscard]] std::string page_address(RpcLink& link);
// Has the daemon erase what a tenant has written (jobs/erase_tenant.h), in the name of the connection's caller, and
// waits for as long as that takes, at most an hour. Needs the right to operate. Returns what the daemon refuses with.
// Throws Failure as the erasure does, and "outcome.unknown" when the daemon was lost.
[[nodiscard]] Result<TenantErasure> erase_remotely(RpcLink& link, const EraseContent& asked, ActiveRuns active);
// Whether a daemon can do its work. `reason`: why it cannot.
struct RemoteHealth {
  bool ready = false;
  std::string reason;
};
// Needs the right to operate, which the user who runs the daemon has. Throws Failure as make_remote_copy() does.
[[nodiscard]] RemoteHealth ask_health(RpcLink& link);
// Returns a client with a connection of its own. Throws as connect_link() does.
[[nodiscard]] std::unique_ptr<LedgerClient> connect_client(const DaemonAddress& address);

// Returns a reader of the daemon's ledger.
[[nodiscard]] std::unique_ptr<LedgerReader> remote_reader(std::shared_ptr<RpcLink> link);

}  // namespace runledger
