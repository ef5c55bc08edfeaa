// Names within commands that people paste into a shell.
#pragma once

#include <string>
#include <string_view>

namespace runledger {

// The text as one word of a shell (POSIX), quoted only where that is needed.
[[nodiscard]] std::string shell_word(std::string_view text);

// The name of an object in SQL. Always quoted, because a reserved word (`order`) looks like any other name.
[[nodiscard]] std::string sql_name(std::string_view name);

}  // namespace runledger
