// Replaces parts of a text.
#pragma once

#include <string>
#include <string_view>

namespace runledger {

// Replaces each `part` of the text, from its beginning on; what was put in is not looked at again. Requires a part that
// is not empty.
inline void replace_all(std::string& text, std::string_view part, std::string_view by) {
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + by.size()))
    text.replace(at, part.size(), by);
}

}  // namespace runledger
