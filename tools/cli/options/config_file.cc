// The only file that uses toml++.
//
// read_config_file() opens the file as NamedFile does and reads at most one byte more than the limit. parse_config()
// hands the text to toml++ and then walks the tree that it returns, which is at most two levels deep when all is well:
// a key of the root table is a global option or the table of a command, and a key of that table is an option.
//
// The messages of toml++ quote the text around a mistake, values included. Only their beginning, which names the part
// of the grammar ("key-value pair"), is passed on.
#include "tools/cli/options/config_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "ledger/base/posix_file.h"
#include "ledger/values/rejection.h"
#include "tools/cli/options/nearest_name.h"

namespace runledger {
namespace {

// toml++ makes a table for every dot of a key, and destroys nested tables by recursion: tens of thousands overflow the
// stack. Bounding the dots of the whole file bounds the depth without reading TOML here; lists of hosts need far fewer.
constexpr std::size_t kConfigDotsMax = 4096;

std::string place_of(std::string_view name, const toml::source_region& source) {
  return fmt::format("{}: line {}, column {}", name, source.begin.line, source.begin.column);
}

[[noreturn]] void refuse_mistake(std::string_view name, const toml::parse_error& error) {
  constexpr std::string_view kBeginning = "Error while parsing ";
  const std::string place = place_of(name, error.source());
  std::string_view part = error.description();
  if (part.find("cannot redefine") != part.npos) refuse_config(place, "each key and table once, found one again");
  if (!part.starts_with(kBeginning)) refuse_config(place, "UTF-8, found other bytes");
  part = part.substr(kBeginning.size());
  refuse_config(place, fmt::format("TOML 1.0, found a mistake ({})", part.substr(0, part.find(':'))));
}

std::string_view type_name(toml::node_type type) {
  switch (type) {
    case toml::node_type::none:
      return "nothing";
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a floating-point number";
    case toml::node_type::boolean:
      return "a boolean";
    case toml::node_type::date:
      return "a date";
    case toml::node_type::time:
      return "a local time";
    case toml::node_type::date_time:
      return "a date-time";
  }
  RUNLEDGER_ASSERT(false);
}

std::string_view type_name(ConfigType type) {
  switch (type) {
    case ConfigType::kString:
      return "a string";
    case ConfigType::kInteger:
      return "an integer";
    case ConfigType::kTime:
      return "a date-time with an offset, or a string";
    case ConfigType::kBoolean:
      return "a boolean";
    case ConfigType::kStrings:
      return "an array of strings";
  }
  RUNLEDGER_ASSERT(false);
}

// Returns nullopt when the type of the node is another.
std::optional<std::string> text_of(const toml::node& node, ConfigType type) {
  switch (type) {
    case ConfigType::kString:
    case ConfigType::kStrings:
      if (const auto* text = node.as_string()) return text->get();
      return std::nullopt;
    case ConfigType::kInteger:
      if (const auto* number = node.as_integer()) return std::to_string(number->get());
      return std::nullopt;
    case ConfigType::kBoolean:
      if (const auto* choice = node.as_boolean()) return choice->get() ? "true" : "false";
      return std::nullopt;
    case ConfigType::kTime: {
      const auto* time = node.as_date_time();
      if (time == nullptr) return text_of(node, ConfigType::kString);
      if (!time->get().offset) return std::nullopt;
      std::ostringstream text;
      text << time->get();
      return text.str();
    }
  }
  RUNLEDGER_ASSERT(false);
}

// One table of the file that has options as its keys.
class TableReader {
 public:
  TableReader(std::string_view file, std::string table, const ConfigKeys& keys, std::vector<ConfigEntry>& into)
      : file_(file), table_(std::move(table)), keys_(keys), into_(into) {}

  void read(const toml::key& key, const toml::node& node) {
    const auto known = keys_.find(key.str());
    if (known == keys_.end()) refuse_unknown(key, {});
    ConfigEntry entry{.table = table_, .key = known->first, .texts = {}, .place = place_of(file_, node.source())};
    const toml::array* const list = known->second == ConfigType::kStrings ? node.as_array() : nullptr;
    if (list == nullptr) {
      entry.texts.push_back(require_text(node, *known));
    } else {
      for (const toml::node& element : *list) entry.texts.push_back(require_text(element, *known));
    }
    into_.push_back(std::move(entry));
  }

  // `others` are names that are no options but would be known in the same place.
  [[noreturn]] void refuse_unknown(const toml::key& key, Names others) const {
    for (const auto& known : keys_) others.insert(known.first);
    const std::string where = table_.empty() ? "outside of tables" : fmt::format("in [{}]", table_);
    const std::string help = table_.empty() ? "" : " " + table_;
    const std::optional<std::string> nearest = nearest_name(key.str(), others);
    refuse_config(place_of(file_, key.source()),
                  fmt::format("only known options {}, found \"{}\"; {}", where, key.str(),
                              nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                                      : fmt::format("see runledger{} --help", help)));
  }

 private:
  [[nodiscard]] std::string require_text(const toml::node& node, const ConfigKeys::value_type& known) const {
    std::optional<std::string> text = text_of(node, known.second);
    const std::string place = place_of(file_, node.source());
    if (!text)
      refuse_config(
          place, fmt::format("{} for \"{}\", found {}", type_name(known.second), known.first, type_name(node.type())));
    // The system's calls would take the text for one that ends there.
    if (text->find('\0') != text->npos)
      refuse_config(place, fmt::format("a text without U+0000 for \"{}\", found one with it", known.first));
    return *std::move(text);
  }

  std::string_view file_;
  std::string table_;
  const ConfigKeys& keys_;
  std::vector<ConfigEntry>& into_;
};

using KeyAndNode = std::pair<const toml::key*, const toml::node*>;

// A table keeps its keys in the order of the alphabet; users read a file from its top.
std::vector<KeyAndNode> in_order_of_file(const toml::table& table) {
  std::vector<KeyAndNode> all;
  for (const auto& [key, node] : table) all.emplace_back(&key, &node);
  std::stable_sort(all.begin(), all.end(), [](const KeyAndNode& a, const KeyAndNode& b) {
    const toml::source_position first = a.first->source().begin;
    const toml::source_position second = b.first->source().begin;
    return std::pair(first.line, first.column) < std::pair(second.line, second.column);
  });
  return all;
}

toml::table parse_toml(std::string_view text, std::string_view name) {
  if (const auto dots = std::count(text.begin(), text.end(), '.'); dots > std::ptrdiff_t{kConfigDotsMax})
    refuse_config(name, fmt::format("at most {} dots, found {}", kConfigDotsMax, dots));
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    refuse_mistake(name, error);
  }
}

}  // namespace

std::string read_config_file(const std::string& path) {
  const NamedFile named(path);
  if (!named.trouble.empty()) refuse_config(path, fmt::format("a configuration file, found: {}", named.trouble));
  // One byte more than allowed shows that there are too many.
  std::optional<std::string> content = named.file.read_up_to(kConfigBytesMax + 1);
  if (!content)
    refuse_config(path, fmt::format("a file that can be read, found: {}", std::generic_category().message(errno)));
  if (content->size() > kConfigBytesMax)
    refuse_config(path, fmt::format("at most {} bytes, found more", kConfigBytesMax));
  return *std::move(content);
}

std::vector<ConfigEntry> parse_config(std::string_view text, std::string_view name, const ConfigTables& known) {
  const toml::table root = parse_toml(text, name);
  const ConfigKeys& root_keys = known.at("");
  std::vector<ConfigEntry> entries;
  TableReader root_reader(name, "", root_keys, entries);
  for (const auto& [key, node] : in_order_of_file(root)) {
    const auto command = known.find(key->str());
    if (command != known.end() && !key->str().empty()) {
      const toml::table* const table = node->as_table();
      if (table == nullptr)
        refuse_config(place_of(name, node->source()),
                      fmt::format("a table for \"{}\", found {}", key->str(), type_name(node->type())));
      TableReader reader(name, command->first, command->second, entries);
      for (const auto& [option, value] : in_order_of_file(*table)) reader.read(*option, *value);
    } else if (root_keys.contains(key->str())) {
      root_reader.read(*key, *node);
    } else {
      Names commands;
      for (const auto& table : known) commands.insert(table.first);
      root_reader.refuse_unknown(*key, std::move(commands));
    }
  }
  return entries;
}

void refuse_config(std::string_view place, std::string_view expected) {
  refuse("config.invalid", fmt::format("{}: expected {}", place, expected));
}

}  // namespace runledger
