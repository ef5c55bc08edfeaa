// Recognises hosts that no other machine can reach.
#pragma once

#include <string_view>

namespace runledger {

// True for "localhost" in either case, for an IPv4 address of 127.0.0.0/8, and for ::1 with or without brackets. Every
// other name is not, whatever it resolves to: 127.example.org and "localhost." belong to whoever answers for them.
[[nodiscard]] bool is_loopback(std::string_view host);

}  // namespace runledger
