// Sockets that listen, before anybody is accepted.
#pragma once

#include <filesystem>

#include "clients/cpp/endpoint.h"
#include "ledger/base/descriptor.h"

namespace runledger {

// What they give back listens, does not block, and is closed on exec. Both throw Failure "listen.failed".
// The unix socket is made with mode 0600, in the place of one that nobody serves; a path of at most 107 bytes.
[[nodiscard]] Descriptor listen_on(const std::filesystem::path& socket);
// Port 0: any that is free. Of the addresses that a name stands for the first; "localhost" is 127.0.0.1.
[[nodiscard]] Descriptor listen_on(const Endpoint& endpoint);

[[nodiscard]] std::uint16_t port_of(int listener);
[[nodiscard]] bool is_of_six(int listener);  // Of IPv6.

// Throw what listening there would throw, as far as that can be told without disturbing whoever listens there already,
// which counts as good.
void check_listenable(const std::filesystem::path& socket);
void check_listenable(const Endpoint& endpoint);

}  // namespace runledger
