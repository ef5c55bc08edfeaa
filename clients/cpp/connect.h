// Connecting to a daemon: for a worker in C++, and for every program that is no daemon itself.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "clients/cpp/endpoint.h"
#include "clients/cpp/tls_files.h"
#include "ledger/client.h"
#include "projections/reader/ledger_reader.h"

namespace runledger {

class RpcLink;

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

// Has the daemon make a LedgerCopy (ledger/log/store/ledger_copy.h), and gives back its name. The daemon keeps it for
// as long as the link lasts, unless it is asked for another over it. For who runs the daemon, over its socket. Throws
// Failure as the copy does, "access.denied", "daemon.unreachable".
[[nodiscard]] std::string make_remote_copy(RpcLink& link);
// A client over a connection of its own.
[[nodiscard]] std::unique_ptr<LedgerClient> connect_client(const DaemonAddress& address);

// What that daemon's ledger holds.
[[nodiscard]] std::unique_ptr<LedgerReader> remote_reader(std::shared_ptr<RpcLink> link);

}  // namespace runledger
