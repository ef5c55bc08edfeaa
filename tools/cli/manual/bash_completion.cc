// Completion in bash: one function with a case for each option that has a value and for each command.
#include <fmt/format.h>

#include "tools/cli/manual/completion_parts.h"

namespace runledger {
namespace {

// Cases for the values of options. `command` is "" for the options of every command.
std::string bash_values(std::string_view command, const std::vector<DeclaredOption>& options) {
  std::string text;
  for (const DeclaredOption& option : options) {
    if (option.value.empty()) continue;
    std::vector<std::string> patterns;
    for (const std::string& flag : flags_of(option))
      patterns.push_back(fmt::format("{}:{}", command.empty() ? "*" : command, flag));
    const std::vector<std::string> choices = choices_of(option);
    std::string reply = ":";
    if (is_file(option.value)) reply = "_runledger_files -f";
    if (!choices.empty()) reply = fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$word\"))", joined(choices, " "));
    text += fmt::format("    {}) {}; return ;;\n", joined(patterns, "|"), reply);
  }
  return text;
}

}  // namespace

std::string bash_completion(const Declarations& declarations) {
  std::string values;
  std::string words = fmt::format("    '') words='{}' ;;\n", joined(names_of(declarations), " "));
  for (const DeclaredCommand& command : declarations.commands) {
    values += bash_values(command.name, command.options);
    std::vector<std::string> all = argument_choices(command, declarations);
    if (const std::string flags = joined_flags(command.options, " "); !flags.empty()) all.push_back(flags);
    words += fmt::format("    {}) words='{}'{} ;;\n", command.name, joined(all, " "),
                         takes_files(command) ? "; files=1" : "");
  }
  return fmt::format(R"(# {}
# Adds the names that compgen finds, one a line: they may have blanks.
_runledger_files() {{
  local name
  compopt -o filenames
  while IFS= read -r name; do
    COMPREPLY+=("$name")
  done < <(compgen "$1" -- "$word")
}}
_runledger() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command= words= files= i
  COMPREPLY=()
  # Bash takes the = of --option=value for a word.
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=${{COMP_WORDS[COMP_CWORD-2]}}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${{COMP_WORDS[i]}} in
    --) _runledger_files -c; _runledger_files -f; return ;;
    {}) if [[ -z $command ]]; then ((i++)); [[ ${{COMP_WORDS[i]}} != = ]] || ((i++)); fi ;;
    -* | =) ;;
    *) command=${{command:-${{COMP_WORDS[i]}}}} ;;
    esac
  done
  case $command:$before in
{}{}  esac
  case $command in
{}  esac
  COMPREPLY=($(compgen -W "$words {}" -- "$word"))
  [[ -z $files || $word == -* ]] || _runledger_files -f
}}
complete -F _runledger runledger
)",
                     note("bash"), joined_flags(globals_with_value(declarations), " | "), values,
                     bash_values("", declarations.global), words, joined_flags(declarations.global, " "));
}

}  // namespace runledger
