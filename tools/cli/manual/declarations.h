// The commands and options of the program as data, for everything that is made of them: completions and the man page.
#pragma once

#include <string>
#include <vector>

namespace runledger {

struct DeclaredOption {
  std::string short_flag;  // "-n", or "".
  std::string long_flag;   // "--limit", or "".
  std::string value;       // The name of its value in the help: "N", "FILE", "text|json"; "" for a switch.
  std::string help;
  bool is_required = false;
  bool is_repeatable = false;
};

struct DeclaredArgument {
  std::string name;  // In the form of a synopsis: "RUN", "[COMMAND]", "FILE…".
  std::string help;
};

struct DeclaredCommand {
  std::string name;
  std::string summary;
  std::string example;
  std::vector<DeclaredOption> options;
  std::vector<DeclaredArgument> arguments;
};

struct Declarations {
  std::vector<DeclaredOption> global;  // Those of every command, with --help and --version.
  std::vector<DeclaredCommand> commands;
};

// Has each command of the program declare its options, in the order of the help.
[[nodiscard]] Declarations declarations_of_program();

// Returns the words that a value can be, when its name lists them ("text|json"); empty for other values.
[[nodiscard]] std::vector<std::string> choices_of(const DeclaredOption& option);

}  // namespace runledger
