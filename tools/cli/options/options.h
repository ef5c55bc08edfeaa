// The options of a subcommand, as it declares them and as a user types them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runledger {

// What a user typed for an option, as typed; absent when not given.
using Typed = std::optional<std::string>;

// The part of the command line that belongs to one subcommand. The variables are filled before Subcommand::run, so they
// must outlive the parsing; everything arrives as text, to be checked with codes of our own.
class Options {
 public:
  virtual ~Options() = default;

  // `flags` such as "--tenant" or "-o,--output"; `value` names what follows, for the help. Given twice: an error.
  virtual void value(std::string_view flags, std::string_view value, std::string_view help, Typed& into) = 0;
  virtual void required_value(std::string_view flags, std::string_view value, std::string_view help,
                              std::string& into) = 0;
  virtual void values(std::string_view flags, std::string_view value, std::string_view help,
                      std::vector<std::string>& into) = 0;
  virtual void flag(std::string_view flags, std::string_view help, bool& into) = 0;
  virtual void argument(std::string_view name, std::string_view help, std::string& into) = 0;  // Exactly 1.
  virtual void arguments(std::string_view name, std::string_view help,
                         std::vector<std::string>& into) = 0;  // 1 or more.
  virtual void rest(std::vector<std::string>& into) = 0;       // All that stands behind "--", as it is.
};

}  // namespace runledger
