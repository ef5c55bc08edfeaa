// Reads the configuration file of --config: TOML 1.0, with the keys and types that the options have.
//
// The root table holds the global options, and the table [COMMAND] the options of a command. The reader is strict: an
// unknown key is not skipped, and no value is converted from another type, because a daemon must not start with less
// than its file says. All functions throw Refused with code "config.invalid"; the message names the file and, where it
// has one, the line and the column, but never shows a value of the file, which may be a secret.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace runledger {

inline constexpr std::size_t kConfigBytesMax = 1024 * 1024;

// The TOML types that an option takes.
enum class ConfigType {
  kString,
  kInteger,
  kTime,  // An offset date-time, or a string.
  kBoolean,
  kStrings,  // An array of strings, or one string.
};

// The keys of each table, by the table's name. The root table has the name "".
using ConfigKeys = std::map<std::string, ConfigType, std::less<>>;
using ConfigTables = std::map<std::string, ConfigKeys, std::less<>>;

struct ConfigEntry {
  std::string table;
  std::string key;
  std::vector<std::string> texts;  // As a user would type them: "10", "true". Only kStrings has not exactly one.
  std::string place;               // For messages: "FILE: line 3, column 9".
};

// Returns the content of `path`, which must be a regular file of at most kConfigBytesMax bytes. Never blocks on a pipe
// or a device.
[[nodiscard]] std::string read_config_file(const std::string& path);

// Returns the entries of `text`, table by table, in the order in which the tables and keys first appear. `name` is the
// file's name in messages. Accepts any bytes. Requires that `known` has the root table.
[[nodiscard]] std::vector<ConfigEntry> parse_config(std::string_view text, std::string_view name,
                                                    const ConfigTables& known);

// Refuses an entry whose text the option does not take. `expected` describes what it takes.
[[noreturn]] void refuse_config(std::string_view place, std::string_view expected);

}  // namespace runledger
