// The options of the RPC server.
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

// The listeners of the RPC server, and the limits that every caller is subject to.
struct RpcServerOptions {
  // The unix socket: made in place of one that no process serves any more. At most 107 bytes.
  std::filesystem::path socket;
  // The group whose members may connect to the unix socket. They need a token there, as callers over TCP do. Absent:
  // only the user who runs the daemon, and root.
  std::optional<gid_t> socket_group = {};
  std::vector<Endpoint> endpoints = {};  // For TCP; port 0 takes any free port. Callers there always need a token.
  // The certificate for TLS on every endpoint; the unix socket never uses TLS. If it names authorities, a caller must
  // show a certificate that one of them has issued.
  std::optional<TlsIdentity> tls = {};
  // On each listener. For one more, the daemon closes another connection. While many are without a session, that is the
  // oldest of those, of the address that has most of them. Otherwise it is one of the token or tenant that has most
  // connections: the newest that subscribes or in which a call waits, or else the newest, but never one that carries
  // out a call. If no address, token or tenant has several, the daemon closes the new one.
  std::size_t connections_max = 1024;
  // Limits for callers that need a token, over all listeners: connections from one address (in IPv6, from one 64-bit
  // network) or of one user of this machine, and connections without a session yet. They keep one machine, one user, or
  // callers without a token, from taking all places. For one more connection from an address, the daemon closes another
  // one from there, chosen in the same way; for one more without a session, another one without a session.
  std::size_t connections_of_address_max = 256;
  std::size_t unauthenticated_max = 256;
  std::size_t calls_max = 256;  // In flight on one connection; one more fails with "overloaded".
  // Bytes of answers that a caller has not taken. Above it, the daemon reads no more messages from the connection.
  std::size_t queued_bytes_max = 256 * 1024;
  // The same for all connections together. While those of one token or tenant hold more than a quarter of it, none of
  // them reads, and the daemon reads no more messages from those that have answers to take. Above it, when another
  // connection wants to read, the daemon closes one of the token or tenant that holds most: among those that hold more
  // than an equal share, the one that has taken nothing for longest.
  std::size_t queued_bytes_of_all_max = 256 * 1024 * 1024;
  // Bytes of incomplete messages, for all connections together. Above it, the daemon closes, of the token or tenant
  // that has sent most of them, the connection whose message has been incomplete for longest.
  std::size_t unread_bytes_of_all_max = 256 * 1024 * 1024;
  // The daemon immediately closes a connection whose descriptor has this number or a higher one. The system assigns the
  // lowest free number, so the higher ones remain for the store, which must not run out of files.
  int files_max = std::numeric_limits<int>::max();

  // The daemon closes a connection that passes one of these deadlines.
  std::chrono::milliseconds authentication_deadline{10'000};  // From connecting to a session, including TLS.
  std::chrono::milliseconds stall_deadline{30'000};           // For a whole message to arrive, or to be taken.
  std::chrono::milliseconds idle_deadline{600'000};           // Without a byte, a call under way or a subscription.
  Operations operations = {};                                 // For the Operator capability.
  DaemonWatch* watch = nullptr;  // Notified of what happens. Not owned; must outlive the server. May be null.
};

}  // namespace runledger
