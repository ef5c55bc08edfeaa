// Tells whether a 64-bit float keeps a number as it was written.
#pragma once

#include <string_view>

namespace runledger {

// Returns true if the shortest decimal that reads back as `value` is the same number as `spelling`, however it is
// written: 1.10, 110e-2 and 1.1 are one number. Requires a finite value and a JSON number that was read as it.
[[nodiscard]] bool keeps_exactly(double value, std::string_view spelling);

}  // namespace runledger
