// Picks the parts out of the declarations.
#include "tools/cli/manual/completion_parts.h"

#include <fmt/format.h>

#include <algorithm>

namespace runledger {

bool is_file(std::string_view value) {
  return value.find("FILE") != std::string_view::npos || value == "DIR" || value.starts_with("DIR");
}

std::vector<std::string> flags_of(const DeclaredOption& option) {
  std::vector<std::string> flags;
  for (const std::string& flag : {option.short_flag, option.long_flag}) {
    if (!flag.empty()) flags.push_back(flag);
  }
  return flags;
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : std::string(between)) + word;
  return text;
}

std::string joined_flags(const std::vector<DeclaredOption>& options, std::string_view between) {
  std::vector<std::string> flags;
  for (const DeclaredOption& option : options) {
    for (const std::string& flag : flags_of(option)) flags.push_back(flag);
  }
  return joined(flags, between);
}

std::vector<DeclaredOption> globals_with_value(const Declarations& declarations) {
  std::vector<DeclaredOption> options;
  for (const DeclaredOption& option : declarations.global) {
    if (!option.value.empty()) options.push_back(option);
  }
  return options;
}

std::vector<std::string> names_of(const Declarations& declarations) {
  std::vector<std::string> names;
  for (const DeclaredCommand& command : declarations.commands) names.push_back(command.name);
  return names;
}

std::vector<std::string> argument_choices(const DeclaredCommand& command, const Declarations& declarations) {
  for (const DeclaredArgument& argument : command.arguments) {
    if (argument.name == "[COMMAND]") return names_of(declarations);
    std::vector<std::string> choices =
        choices_of({.short_flag = "", .long_flag = "", .value = argument.name, .help = ""});
    if (!choices.empty()) return choices;
  }
  return {};
}

bool takes_files(const DeclaredCommand& command) {
  return std::any_of(command.arguments.begin(), command.arguments.end(),
                     [](const DeclaredArgument& argument) { return is_file(argument.name); });
}

std::string note(std::string_view shell) {
  return fmt::format("Completion of runledger in {0}, as `runledger completion {0}` prints it.", shell);
}

std::string escaped(std::string_view text, std::string_view special, std::string_view before) {
  std::string result;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) result += before;
    result += c;
  }
  return result;
}

}  // namespace runledger
