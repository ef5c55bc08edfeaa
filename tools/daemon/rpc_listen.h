// Sockets that listen, before anybody is accepted: RPC's are made here, and those of HTTP can be checked.
#pragma once

#include <filesystem>

#include "ledger/endpoint.h"

namespace runledger {

// A descriptor that listens, does not block, and is closed on exec. Both throw Failure "listen.failed".
// The unix socket is made with mode 0600, in the place of one that nobody serves; a path of at most 107 bytes.
[[nodiscard]] int listen_on(const std::filesystem::path& socket);
// Port 0: any that is free.
[[nodiscard]] int listen_on(const Endpoint& endpoint);

[[nodiscard]] std::uint16_t port_of(int listener);

// Throw what listening there would throw, as far as that can be told without disturbing whoever listens there already,
// which counts as good.
void check_listenable(const std::filesystem::path& socket);
void check_listenable(const Endpoint& endpoint);

}  // namespace runledger
