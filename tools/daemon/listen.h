// Listening sockets for both servers, on a unix path or a TCP address.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

#include "clients/cpp/endpoint.h"
#include "ledger/base/descriptor.h"

namespace runledger {

// Both functions return a socket that listens, does not block, and is closed on exec. Both throw Failure
// "listen.failed".
//
// Makes the unix socket, for this user alone (mode 0600) or also for the members of `group` (0660), and replaces one
// that no process serves any more. The path may have at most 107 bytes.
[[nodiscard]] Descriptor listen_on(const std::filesystem::path& socket, std::optional<gid_t> group);
// Port 0 takes any free port. A name stands for the first address that it resolves to; "localhost" is 127.0.0.1.
[[nodiscard]] Descriptor listen_on(const Endpoint& endpoint);

[[nodiscard]] std::uint16_t port_of(int listener);  // The port that a TCP listener is bound to.
[[nodiscard]] bool is_of_six(int listener);         // Whether it is bound to an IPv6 address.

// Throw the Failure that listen_on() would throw, as far as they can find out without disturbing a process that listens
// there already. An address that `daemon` listens on counts as good, because it is free once that process has ended;
// zero is no process.
void check_listenable(const std::filesystem::path& socket, std::optional<gid_t> group, pid_t daemon);
void check_listenable(const Endpoint& endpoint, pid_t daemon);

}  // namespace runledger
