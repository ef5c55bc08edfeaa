// Cap'n Proto's packed form of a message of one segment (capnproto.org/encoding.html#packing).
//
// The packed bytes of an event are hashed, so each of them is defined here and not by whichever library packs them:
// a run of zero words and a run of literal words is always as long as it can be, up to 256 words, and a literal run
// goes on for as long as its words have at most one zero byte. The library packs in the same way today.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runledger {

// Returns the packed form of the words, preceded by the segment table of a message of one segment.
[[nodiscard]] std::string pack(std::span<const std::uint64_t> words);

// The reverse: returns the words of the message, which are in `buffer`; its size only grows, so that it can be used
// again. Accepts every way to pack them. Throws Failure "storage.damaged" when the bytes are not a packed message of
// one segment, or one of more than `words_max` words.
[[nodiscard]] std::span<const std::uint64_t> unpack(std::string_view packed, std::vector<std::uint64_t>& buffer,
                                                    std::size_t words_max);

}  // namespace runledger
