// The failure that every finding of damaged storage throws.
#pragma once

#include <string_view>

namespace runledger {

// Throws Failure "storage.damaged". `what` names the place, what was expected there, and what was found.
[[noreturn]] void throw_damaged(std::string_view what);

}  // namespace runledger
