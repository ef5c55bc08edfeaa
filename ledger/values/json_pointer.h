// Writes paths into JSON values as JSON Pointers (RFC 6901), for messages.
#pragma once

#include <string>

namespace runledger {

// Returns the name of a member as it stands in a pointer, without the slash before it: "~" is "~0" and "/" is "~1". A
// name that is itself a secret shows as "[redacted]".
[[nodiscard]] std::string pointer_token(const std::string& member);

}  // namespace runledger
