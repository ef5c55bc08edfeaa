// Reads units as systemd.syntax(7) says, as far as these settings need it: continued lines, comments, and empty values,
// which take back what was said before.
#include "tools/cli/doctor/unit_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include "ledger/base/posix_file.h"
#include "ledger/values/number.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kUnitBytesMax = 64 * 1024;
constexpr std::string_view kName = "unit";

constexpr UnitSetting kSettings[] = {
    {"Type", "notify"},
    {"NotifyAccess", "main"},
    {"Restart", "on-failure"},
    {"RestartSec", "2"},
    {"RestartPreventExitStatus", "2 5 6"},
    {"TimeoutStopSec", "30"},
    {"LimitNOFILE", "65536"},
    {"LimitCORE", "0"},
    {"UMask", "0077"},
    {"NoNewPrivileges", "yes"},
    {"CapabilityBoundingSet", ""},
    {"AmbientCapabilities", ""},
    {"ProtectSystem", "strict"},
    {"ProtectHome", "yes"},
    {"PrivateTmp", "yes"},
    {"PrivateDevices", "yes"},
    {"PrivateUsers", "yes"},
    {"ProtectClock", "yes"},
    {"ProtectControlGroups", "yes"},
    {"ProtectHostname", "yes"},
    {"ProtectKernelLogs", "yes"},
    {"ProtectKernelModules", "yes"},
    {"ProtectKernelTunables", "yes"},
    {"ProtectProc", "invisible"},
    {"RemoveIPC", "yes"},
    {"RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6"},
    {"RestrictNamespaces", "yes"},
    {"RestrictRealtime", "yes"},
    {"RestrictSUIDSGID", "yes"},
    {"LockPersonality", "yes"},
    {"MemoryDenyWriteExecute", "yes"},
    {"SystemCallArchitectures", "native"},
    {"SystemCallFilter", "@system-service"},
    {"SystemCallFilter", "~@privileged @resources"},
    {"SystemCallErrorNumber", "EPERM"},
};

// Where systemd looks for the units of a machine, what comes first hides what comes later.
constexpr const char* kUnitFolders[] = {"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
                                        "/usr/lib/systemd/system", "/lib/systemd/system"};

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

// The values of the section [Service], by their names, in their order.
using Settings = std::map<std::string, std::vector<std::string>, std::less<>>;

// Lines that end with a backslash go on with the next one.
std::vector<std::string> logical_lines(std::string_view text) {
  std::vector<std::string> lines;
  std::string line;
  std::istringstream in{std::string(text)};
  for (std::string part; std::getline(in, part);) {
    const bool goes_on = part.ends_with('\\');
    if (goes_on) part.back() = ' ';
    line += part;
    if (goes_on) continue;
    lines.push_back(std::exchange(line, {}));
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

Settings service_of(std::string_view text) {
  Settings settings;
  bool is_service = false;
  for (const std::string& each : logical_lines(text)) {
    const std::string_view line = trimmed(each);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') is_service = line == "[Service]";
    const std::size_t equals = line.find('=');
    if (!is_service || equals == std::string_view::npos) continue;
    std::vector<std::string>& values = settings[std::string(trimmed(line.substr(0, equals)))];
    const std::string_view value = trimmed(line.substr(equals + 1));
    if (value.empty()) values.clear();
    values.emplace_back(value);
  }
  return settings;
}

// The words of a value, without the quotes that the whole of a word may have.
std::vector<std::string> words_of(const std::string& value) {
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  for (const char c : value + ' ') {
    if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (quote == 0 && (c == ' ' || c == '\t')) {
      if (!word.empty()) words.push_back(std::exchange(word, {}));
    } else {
      word += c;
    }
  }
  return words;
}

// The directory that the unit names in its command or environment.
std::optional<std::string> directory_of(const Settings& settings) {
  std::optional<std::string> found;
  if (const auto environment = settings.find("Environment"); environment != settings.end()) {
    constexpr std::string_view kVariable = "RUNLEDGER_DATA=";
    for (const std::string& value : environment->second) {
      for (const std::string& word : words_of(value)) {
        if (word.starts_with(kVariable)) found = word.substr(kVariable.size());
      }
    }
  }
  const auto start = settings.find("ExecStart");
  if (start == settings.end()) return found;
  const std::vector<std::string> words = words_of(start->second.back());
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].starts_with("--data=")) found = words[i].substr(7);
    if (words[i] == "--data" && i + 1 < words.size()) found = words[i + 1];
  }
  return found;
}

bool serves(const Settings& settings) {
  const auto start = settings.find("ExecStart");
  if (start == settings.end()) return false;
  const std::vector<std::string> words = words_of(start->second.back());
  return std::find(words.begin(), words.end(), "serve") != words.end();
}

bool has(const Settings& settings, const UnitSetting& wanted) {
  const auto found = settings.find(wanted.name);
  if (found == settings.end()) return false;
  if (wanted.name == "LimitNOFILE") {
    const std::string& value = found->second.back();
    const Result<std::uint64_t> number = parse_number(value.substr(0, value.find(':')), "number", {});
    return value == "infinity" || (number && *number >= 65536);
  }
  return std::find(found->second.begin(), found->second.end(), wanted.value) != found->second.end();
}

std::string resolved(const fs::path& path) {
  std::error_code error;
  const fs::path found = fs::weakly_canonical(path, error);
  return (error ? path.lexically_normal() : found).string();
}

std::optional<std::string> text_in(const fs::path& path) {
  const NamedFile named(path);
  if (!named.trouble.empty()) return std::nullopt;
  return named.file.read_up_to(kUnitBytesMax);
}

std::optional<fs::path> find_unit(const std::string& unit) {
  std::error_code error;
  if (unit.find('/') != std::string::npos)
    return fs::exists(unit, error) ? std::optional<fs::path>(unit) : std::nullopt;
  for (const char* folder : kUnitFolders) {
    if (fs::exists(fs::path(folder) / unit, error)) return fs::path(folder) / unit;
  }
  return std::nullopt;
}

// What is dropped in, by name; of two files with the same name, systemd takes that of the earlier folder.
std::map<std::string, fs::path> drop_ins(const fs::path& unit, bool is_path) {
  std::vector<fs::path> folders;
  if (is_path) {
    folders.push_back(unit.string() + ".d");
  } else {
    for (const char* folder : kUnitFolders) folders.push_back(fs::path(folder) / (unit.filename().string() + ".d"));
  }
  std::map<std::string, fs::path> found;
  for (const fs::path& folder : folders) {
    std::error_code none;
    for (fs::directory_iterator entry(folder, none), end; !none && entry != end; entry.increment(none)) {
      if (entry->path().extension() == ".conf") found.emplace(entry->path().filename().string(), entry->path());
    }
  }
  return found;
}

}  // namespace

std::span<const UnitSetting> unit_settings() {
  return kSettings;
}

Check judge_unit(std::string_view text, const fs::path& ledger) {
  const Settings settings = service_of(text);
  if (!serves(settings))
    return problem(kName, "doctor.unit_other_command", "its ExecStart does not call `runledger serve`",
                   "name the unit of this ledger by --unit, or install scripts/runledger.service");
  const std::optional<std::string> directory = directory_of(settings);
  if (directory && resolved(*directory) != resolved(ledger))
    return problem(kName, "doctor.unit_other_directory", fmt::format("it serves {}", *directory),
                   "name the unit of this ledger by --unit, or the directory that it serves by --data");
  std::string lacks;
  for (const UnitSetting& wanted : kSettings) {
    if (!has(settings, wanted)) lacks += fmt::format("{}{}={}", lacks.empty() ? "" : ", ", wanted.name, wanted.value);
  }
  if (!lacks.empty())
    return problem(kName, "doctor.unit_settings", "it lacks " + lacks,
                   "take them over from scripts/runledger.service, or from docs/operations.md");
  return ok(kName, directory ? "it serves this directory, with every setting of ours"
                             : "it has every setting of ours, and leaves the directory to its configuration");
}

Check check_unit(const std::string& named, const fs::path& ledger) {
  const std::string unit = named.find_first_of("./") == std::string::npos ? named + ".service" : named;
  const std::optional<fs::path> path = find_unit(unit);
  if (!path)
    return unchecked(kName, unit + " is not installed", "docs/operations.md says how; another one: --unit NAME");
  std::optional<std::string> text = text_in(*path);
  if (!text) return unchecked(kName, path->string() + " cannot be read", "run doctor as a user who may read it");
  for (const auto& [name, dropped] : drop_ins(*path, unit.find('/') != std::string::npos))
    *text += "\n" + text_in(dropped).value_or("");
  Check check = judge_unit(*text, ledger);
  check.detail = path->string() + ": " + check.detail;
  return check;
}

}  // namespace runledger
