// Parses the command line, the configuration file and the environment into one command to run.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/cli/ledger_connection.h"
#include "tools/cli/subcommand.h"

namespace runledger {

// The command to run and the values of the global options. The options of the command are in the command itself.
struct CommandLine {
  Subcommand* command = nullptr;  // Not owned. Null: the user only asked for `text`.
  std::string text;               // The help or the version; empty when there is a command.
  std::string data;
  Format format = Format::kText;
  std::string catalog;  // The file of --catalog; empty when the user named none.
  std::string spool;    // The directory of --spool; empty when the user named none.
  TypedConnect connect;
};

// Lets every one of `commands` declare its options, and fills the options of the one that the user typed. Global
// options are accepted before and after the command. A value on the command line takes precedence over the environment,
// and the environment over the configuration file: that of --config, or else /etc/runledger/runledger.toml, if it
// exists. For a command that is about the program itself, no file is read, and no variable is refused. The result
// points into `commands`. Throws Refused with codes "usage", "environment.unknown", "config.invalid" and
// "data.invalid". Call it once for each list of commands.
[[nodiscard]] CommandLine parse_command_line(int argc, const char* const* argv,
                                             const std::vector<std::unique_ptr<Subcommand>>& commands);

// Returns the help of the command of this name, or of the program for "". Throws Refused with code "usage" for another
// name.
[[nodiscard]] std::string help_text(const std::string& about);

// Returns the command that the words call, whether or not parse_command_line() accepts them; "" when they call none.
[[nodiscard]] std::string_view command_word(int argc, const char* const* argv);

// Guesses in which format the user wants an error about a command line that cannot be parsed: from --format if it is
// there, else from RUNLEDGER_FORMAT, else text. It ignores the configuration file, which has not been parsed yet.
[[nodiscard]] Format format_of_unusable(int argc, const char* const* argv);

}  // namespace runledger
