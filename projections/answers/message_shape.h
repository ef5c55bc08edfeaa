// The shape of a message: what is left of it without the parts that differ from case to case.
#pragma once

#include <string>
#include <string_view>

namespace runledger {

// Replaces numbers, ids and quoted texts by "#", "#" and "…", and cuts what is left after 160 bytes at a character. Two
// messages of one cause then have the same shape.
[[nodiscard]] std::string message_shape(std::string_view message);

}  // namespace runledger
