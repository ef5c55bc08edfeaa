// Chooses the form of the shell.
#include "tools/cli/manual/completion.h"

#include "tools/cli/manual/completion_parts.h"

namespace runledger {

std::optional<std::string> completion_script(std::string_view shell, const Declarations& declarations) {
  if (shell == "bash") return bash_completion(declarations);
  if (shell == "zsh") return zsh_completion(declarations);
  if (shell == "fish") return fish_completion(declarations);
  return std::nullopt;
}

}  // namespace runledger
