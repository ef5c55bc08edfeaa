// Finds the name that a user probably meant when they mistyped one.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace runledger {

using Names = std::set<std::string, std::less<>>;

// Returns the name with the fewest single characters to insert, delete or replace (Levenshtein's distance), the first
// in the order of the set where several are equally near. Returns nullopt when more than a third of `typed`, rounded
// up, would have to change: then a suggestion would be a guess.
[[nodiscard]] std::optional<std::string> nearest_name(std::string_view typed, const Names& names);

}  // namespace runledger
