// Each shell has a form of its own for the same lists.
#include "tools/cli/manual/completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace runledger {
namespace {

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

std::vector<std::string> names_of(const Declarations& declarations) {
  std::vector<std::string> names;
  for (const DeclaredCommand& command : declarations.commands) names.push_back(command.name);
  return names;
}

// The words that an argument of the command can be.
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

// --- bash ---

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
    if (is_file(option.value)) reply = "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$word\"))";
    if (!choices.empty()) reply = fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$word\"))", joined(choices, " "));
    text += fmt::format("    {}) {}; return ;;\n", joined(patterns, "|"), reply);
  }
  return text;
}

std::string bash_script(const Declarations& declarations) {
  std::vector<DeclaredOption> with_value;
  for (const DeclaredOption& option : declarations.global) {
    if (!option.value.empty()) with_value.push_back(option);
  }
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
    --) compopt -o filenames; COMPREPLY=($(compgen -cf -- "$word")); return ;;
    {}) [[ -n $command ]] || ((i++)) ;;
    -* | =) ;;
    *) command=${{command:-${{COMP_WORDS[i]}}}} ;;
    esac
  done
  case $command:$before in
{}{}  esac
  case $command in
{}  esac
  COMPREPLY=($(compgen -W "$words {}" -- "$word"))
  if [[ -n $files && $word != -* ]]; then
    compopt -o filenames
    COMPREPLY+=($(compgen -f -- "$word"))
  fi
}}
complete -F _runledger runledger
)",
                     note("bash"), joined_flags(with_value, " | "), values, bash_values("", declarations.global), words,
                     joined_flags(declarations.global, " "));
}

// --- zsh ---

std::string escaped(std::string_view text, std::string_view special, std::string_view before) {
  std::string result;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) result += before;
    result += c;
  }
  return result;
}

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
      text += fmt::format("{}'{}{}{}'\n", indent, others, flag, rest);
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

std::string zsh_script(const Declarations& declarations) {
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

// --- fish ---

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

std::string fish_script(const Declarations& declarations) {
  std::string text = fmt::format("# {}\ncomplete -c runledger -f\n", note("fish"));
  for (const DeclaredOption& option : declarations.global) text += fish_option(option, "");
  for (const DeclaredCommand& command : declarations.commands) {
    text += fmt::format("complete -c runledger -n __fish_use_subcommand -a {} -d {}\n", command.name,
                        fish_quoted(command.summary));
    const std::string condition = "__fish_seen_subcommand_from " + command.name;
    for (const DeclaredOption& option : command.options) text += fish_option(option, condition);
    if (const auto choices = argument_choices(command, declarations); !choices.empty())
      text += fmt::format("complete -c runledger -n '{}' -a {}\n", condition, fish_quoted(joined(choices, " ")));
    if (takes_files(command)) text += fmt::format("complete -c runledger -n '{}' -F\n", condition);
  }
  return text;
}

}  // namespace

std::optional<std::string> completion_script(std::string_view shell, const Declarations& declarations) {
  if (shell == "bash") return bash_script(declarations);
  if (shell == "zsh") return zsh_script(declarations);
  if (shell == "fish") return fish_script(declarations);
  return std::nullopt;
}

}  // namespace runledger
