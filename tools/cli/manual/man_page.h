// The manual page of the program.
#pragma once

#include <string>
#include <string_view>

#include "tools/cli/manual/declarations.h"

namespace runledger {

// Returns runledger(1) in the man macros of roff (man(7)), with all commands and options. It has no date, so that the
// same program always gives the same page.
[[nodiscard]] std::string man_page(const Declarations& declarations, std::string_view version);

}  // namespace runledger
