// Completion in zsh: the options as _arguments takes them.
#include <fmt/format.h>

#include "tools/cli/manual/completion_parts.h"

namespace runledger {
namespace {

// In a text between single quotes, where a single quote ends the text.
std::string zsh_quoted(std::string_view text) {
  std::string result;
  for (const char c : text) result += c == '\'' ? "'\\''" : std::string(1, c);
  return result;
}

std::string zsh_value(const DeclaredOption& option) {
  if (option.value.empty()) return "";
  const std::vector<std::string> choices = choices_of(option);
  const std::string name = escaped(option.value, ":\\", "\\");
  if (!choices.empty()) return fmt::format(":{}:({})", name, joined(choices, " "));
  return fmt::format(":{}:{}", name, is_file(option.value) ? "_files" : " ");
}

std::string zsh_options(const std::vector<DeclaredOption>& options, std::string_view indent) {
  std::string text;
  for (const DeclaredOption& option : options) {
    const std::string rest = zsh_quoted(fmt::format("[{}]{}", escaped(option.help, "[]\\", "\\"), zsh_value(option)));
    for (const std::string& flag : flags_of(option)) {
      const std::string others = option.is_repeatable ? "*" : fmt::format("({})", joined(flags_of(option), " "));
      // The value of an option may be in the same word too: --limit=5, -n5.
      const std::string_view sign = option.value.empty() ? "" : flag.starts_with("--") ? "=" : "+";
      text += fmt::format("{}'{}{}{}{}'\n", indent, others, flag, sign, rest);
    }
  }
  return text;
}

std::string zsh_arguments(const DeclaredCommand& command, const Declarations& declarations) {
  if (const std::vector<std::string> choices = argument_choices(command, declarations); !choices.empty())
    return fmt::format(" '*: :({})'", joined(choices, " "));
  if (takes_files(command)) return " '*:file:_files'";
  for (const DeclaredArgument& argument : command.arguments) {
    if (argument.name.starts_with("--")) return " '*:: :_normal'";
  }
  return command.arguments.empty() ? "" : " '*: : '";
}

}  // namespace

std::string zsh_completion(const Declarations& declarations) {
  std::string commands;
  std::string cases;
  for (const DeclaredCommand& command : declarations.commands) {
    commands += fmt::format("    '{}'\n",
                            zsh_quoted(fmt::format("{}:{}", command.name, escaped(command.summary, ":\\", "\\"))));
    cases +=
        fmt::format("      {})\n        options+=(\n{}        )\n        _arguments -s $options{} ;;\n", command.name,
                    zsh_options(command.options, "          "), zsh_arguments(command, declarations));
  }
  return fmt::format(R"(#compdef runledger
# {}
_runledger() {{
  local curcontext=$curcontext state line
  local -a options commands
  options=(
{}  )
  commands=(
{}  )
  _arguments -s -C $options '1: :->command' '*:: :->arguments'
  case $state in
    command) _describe -t commands command commands ;;
    arguments)
      case $words[1] in
{}      esac ;;
  esac
}}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _runledger "$@"
else
  compdef _runledger runledger
fi
)",
                     note("zsh"), zsh_options(declarations.global, "    "), commands, cases);
}

}  // namespace runledger
