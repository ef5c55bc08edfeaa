// Parses the command line, the configuration file and the environment into one command to run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tools/cli/ledger_connection.h"
#include "tools/cli/subcommand.h"

namespace runledger {

struct CommandLine {
  Subcommand* command = nullptr;  // Null: `text` is all that was asked for.
  std::string text;               // The help, or the version.
  std::string data;
  Format format = Format::kText;
  std::string catalog;  // Empty: none is named.
  TypedConnect connect;
};

// `commands` are declared and filled. Global options are accepted before and after the command. Throws Refused with
// codes "usage", "config.invalid" and "data.invalid".
[[nodiscard]] CommandLine parse_command_line(int argc, const char* const* argv,
                                             const std::vector<std::unique_ptr<Subcommand>>& commands);

// The format that an unusable command line, with its environment, seems to want its error in. A configuration file does
// not count before it is parsed.
[[nodiscard]] Format format_of_unusable(int argc, const char* const* argv);

}  // namespace runledger
