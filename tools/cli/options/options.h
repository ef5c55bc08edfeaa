// The interface through which a subcommand declares its options, and the text that a user typed for one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runledger {

// The text of an option as the user typed it; nullopt when the option was not given.
using Typed = std::optional<std::string>;

// The help of --all, of commands that list.
inline constexpr std::string_view kEveryPageHelp = "All pages to the end, whatever --limit says";

// The part of the command line that belongs to one subcommand. Each call declares an option and the variable that takes
// its text. The variables are filled before Subcommand::run(), so they must outlive the parsing. All values arrive as
// text, so that the commands can check them with codes of our own. The help shows `help` and the name of the value.
//
// The functions also fix the TOML type that a configuration file must use for the option: a string for value(), an
// integer for number(), a string or an offset date-time for time(), an array of strings or one string for values(), and
// a boolean for flag(). The file cannot set arguments.
class Options {
 public:
  virtual ~Options() = default;

  // `flags` is "--tenant" or "-o,--output", for example; `value` is the name of the value in the help ("NAME"). An
  // option that is given twice is an error, except for values().
  virtual void value(std::string_view flags, std::string_view value, std::string_view help, Typed& into) = 0;
  // The same for an option that leaves `into` as it is when it is not given.
  virtual void text(std::string_view flags, std::string_view value, std::string_view help, std::string& into) = 0;
  virtual void required_value(std::string_view flags, std::string_view value, std::string_view help,
                              std::string& into) = 0;
  virtual void number(std::string_view flags, std::string_view value, std::string_view help, Typed& into) = 0;
  virtual void required_number(std::string_view flags, std::string_view value, std::string_view help,
                               std::string& into) = 0;
  virtual void time(std::string_view flags, std::string_view value, std::string_view help, Typed& into) = 0;
  virtual void values(std::string_view flags, std::string_view value, std::string_view help,
                      std::vector<std::string>& into) = 0;
  virtual void flag(std::string_view flags, std::string_view help, bool& into) = 0;
  // A switch that may be given a number as `--flag=N`. `into` becomes "true" without one, and "false" when the
  // environment or the file says so.
  virtual void optional_number(std::string_view flags, std::string_view help, Typed& into) = 0;
  virtual void argument(std::string_view name, std::string_view help, std::string& into) = 0;     // Exactly one.
  virtual void optional_argument(std::string_view name, std::string_view help, Typed& into) = 0;  // One or none.
  virtual void arguments(std::string_view name, std::string_view help,
                         std::vector<std::string>& into) = 0;  // One or more.
  virtual void rest(std::vector<std::string>& into) = 0;       // All words after "--", unchanged.
};

}  // namespace runledger
