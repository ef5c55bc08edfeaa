// What the RPC server is set to.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <optional>
#include <vector>

#include "clients/cpp/endpoint.h"
#include "clients/cpp/tls_files.h"
#include "tools/daemon/access/operations.h"
#include "tools/daemon/observe/watch.h"

namespace runledger {

// Where callers come in over RPC, and the limits that they are held to.
struct RpcServerOptions {
  std::filesystem::path socket;  // Made with mode 0600, in the place of a socket that nobody serves; at most 107 bytes.
  std::vector<Endpoint> endpoints = {};  // Of TCP; port 0: any that is free. Who calls there always needs a token.
  // How TLS is spoken on each of them, never on the socket. With authorities callers must show a certificate of one.
  std::optional<TlsIdentity> tls = {};
  std::size_t connections_max = 1024;  // On each listener; one more is closed at once.
  // Of those over TCP: from one address (of IPv6, one network of 64 bits), and without a session yet, on all
  // listeners together; one more is closed at once. So that no machine, and nobody without a token, takes all places.
  std::size_t connections_of_address_max = 256;
  std::size_t strangers_max = 256;
  std::size_t calls_max = 256;                // In flight on a connection; one more fails with "overloaded".
  std::size_t queued_bytes_max = 256 * 1024;  // Answers not taken; above it the connection is read no further.
  // The same of all connections together. Above it, of those that hold more than an equal share the one that has
  // taken nothing for longest is closed when another wants to read.
  std::size_t queued_bytes_of_all_max = 256 * 1024 * 1024;
  // Of messages that have not come whole, of all connections together; above it the one that has been under way for
  // longest is not waited for any more, and its connection closed.
  std::size_t unread_bytes_of_all_max = 256 * 1024 * 1024;
  // A connection whose descriptor has this number or a higher one is closed at once: numbers are given out from the
  // lowest, so what is above is kept for the store, which must not run out of files.
  int files_max = std::numeric_limits<int>::max();

  // A connection that is beyond one of these is closed.
  std::chrono::milliseconds authentication_deadline{10'000};  // From connecting to a session, TLS included.
  std::chrono::milliseconds stall_deadline{30'000};           // For a message to come whole, or to be taken whole.
  std::chrono::milliseconds idle_deadline{600'000};           // With no byte, no call under way and no subscription.
  Operations operations = {};                                 // For who operates the ledger.
  DaemonWatch* watch = nullptr;  // Told what happens. Not owned; must outlive the server. Null: nobody is.
};

}  // namespace runledger
