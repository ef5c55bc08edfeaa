// What the completions of all shells are made of. Each shell has a form of its own for the same lists.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/cli/manual/declarations.h"

namespace runledger {

[[nodiscard]] std::string bash_completion(const Declarations& declarations);
[[nodiscard]] std::string zsh_completion(const Declarations& declarations);
[[nodiscard]] std::string fish_completion(const Declarations& declarations);

// Whether a value or argument of this name in the help is the name of a file.
[[nodiscard]] bool is_file(std::string_view value);
[[nodiscard]] std::vector<std::string> flags_of(const DeclaredOption& option);  // "-n" and "--limit".
[[nodiscard]] std::string joined(const std::vector<std::string>& words, std::string_view between);
[[nodiscard]] std::string joined_flags(const std::vector<DeclaredOption>& options, std::string_view between);
// The options of every command that have a value. They may come before the command, and their values are no command.
[[nodiscard]] std::vector<DeclaredOption> globals_with_value(const Declarations& declarations);
[[nodiscard]] std::vector<std::string> names_of(const Declarations& declarations);
// The words that an argument of the command can be.
[[nodiscard]] std::vector<std::string> argument_choices(const DeclaredCommand& command,
                                                        const Declarations& declarations);
[[nodiscard]] bool takes_files(const DeclaredCommand& command);
// The first line of a script.
[[nodiscard]] std::string note(std::string_view shell);
// The text with `before` in front of each of the characters in `special`.
[[nodiscard]] std::string escaped(std::string_view text, std::string_view special, std::string_view before);

}  // namespace runledger
