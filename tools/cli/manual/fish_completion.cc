// Completion in fish: a line for each word that can be.
#include <fmt/format.h>

#include "tools/cli/manual/completion_parts.h"

namespace runledger {
namespace {

std::string fish_quoted(std::string_view text) {
  return "'" + escaped(text, "\\'", "\\") + "'";
}

std::string fish_option(const DeclaredOption& option, std::string_view condition) {
  std::string text = "complete -c runledger";
  if (!condition.empty()) text += fmt::format(" -n '{}'", condition);
  if (!option.short_flag.empty()) text += " -s " + option.short_flag.substr(1);
  if (!option.long_flag.empty()) text += " -l " + option.long_flag.substr(2);
  if (const std::vector<std::string> choices = choices_of(option); !choices.empty()) {
    text += " -x -a " + fish_quoted(joined(choices, " "));
  } else if (!option.value.empty()) {
    text += is_file(option.value) ? " -r -F" : " -x";
  }
  return text + " -d " + fish_quoted(option.help) + "\n";
}

// A condition that the command on the line is this one; "" when there is none yet.
std::string fish_condition(std::string_view command) {
  return fmt::format("__runledger_at {}", command.empty() ? "\"\"" : command);
}

}  // namespace

std::string fish_completion(const Declarations& declarations) {
  std::string text = fmt::format(R"(# {}
# Whether the command on the line is this one. The value of an option is no command.
function __runledger_at --argument-names name
    set -l words (commandline -opc)
    set -l command ""
    set -l is_value 0
    for word in $words[2..-1]
        if test $is_value = 1
            set is_value 0
            continue
        end
        switch $word
            case {}
                set is_value 1
            case '-*'
            case '*'
                set command $word
                break
        end
    end
    test "$command" = "$name"
end
complete -c runledger -f
)",
                                 note("fish"), joined_flags(globals_with_value(declarations), " "));
  for (const DeclaredOption& option : declarations.global) text += fish_option(option, "");
  for (const DeclaredCommand& command : declarations.commands) {
    text += fmt::format("complete -c runledger -n '{}' -a {} -d {}\n", fish_condition(""), command.name,
                        fish_quoted(command.summary));
    const std::string condition = fish_condition(command.name);
    for (const DeclaredOption& option : command.options) text += fish_option(option, condition);
    if (const auto choices = argument_choices(command, declarations); !choices.empty())
      text += fmt::format("complete -c runledger -n '{}' -a {}\n", condition, fish_quoted(joined(choices, " ")));
    if (takes_files(command)) text += fmt::format("complete -c runledger -n '{}' -F\n", condition);
  }
  return text;
}

}  // namespace runledger
