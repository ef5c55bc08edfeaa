// Scripts that complete the words of a command line in a shell.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tools/cli/manual/declarations.h"

namespace runledger {

// Returns the script for bash, zsh or fish; nullopt for another shell. It knows the commands, their options and the
// words that a value can be, and completes the names of files where a value is one. It does not ask a ledger: a key
// must not open one.
[[nodiscard]] std::optional<std::string> completion_script(std::string_view shell, const Declarations& declarations);

}  // namespace runledger
