// The table of the commands that take a password on their command line.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace runledger {

// How the password stands on the command line.
enum class ArgumentForm : std::uint8_t {
  kAttached,  // After the option's letter: -psecret
  kSeparate,  // After the option and a space: -p secret
  kEither,
  kAfterUser,   // After a user name and a mark: -u bob:secret, -U bob%secret
  kAfterComma,  // The same with a comma: -u bob,secret
  kPositional,  // As the last of three words after the option: -b file bob secret
};

struct CommandRule {
  std::string_view commands;  // The names of programs, with a space between them.
  std::string_view word;      // A word that must follow too, such as "login"; empty for none.
  std::string_view option;
  ArgumentForm form;
  std::string_view example;   // A template of a text with such a secret.
  std::string_view harmless;  // A template of a text that must stay as it is.
};

[[nodiscard]] std::span<const CommandRule> command_rules();

}  // namespace runledger
