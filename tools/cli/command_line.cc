// The only file that uses CLI11.
//
// One CLI::App holds the global options and one sub-app for each subcommand. parse_command_line() builds them: it
// declares the global options, then lets every subcommand declare its own through AppOptions, which implements the
// Options interface on top of a sub-app. Each option stores its text, unconverted, into a variable of the subcommand:
// CLI11's own conversions accept forms that we refuse, so the commands check the text later, with codes of our own.
//
// A value comes from the first of these places that has it: the command line, the environment, the configuration file.
// CLI11 reads the first two: name_in_environment() gives every option with a long name its variable. The file is read
// afterwards (options/config_file.h): fill_from_file() passes its values to those options that CLI11 left without one.
// An option may come from the file alone, so CLI11 cannot check which are missing; require_all() does so at the end.
//
// The command of `exec` after "--" never reaches CLI11, which would parse it as options and arguments of ours:
// end_before_rest() finds where it begins, CLI11 parses up to there, and take_rest() hands the remainder on as it is.
//
// CLI11 reports everything by exceptions. Help and version become a text without a command; every other exception
// becomes Refused with code "usage". After a successful parse, exactly one sub-app was selected, and
// Program::selected() maps it back to the Subcommand that declared it.
#include "tools/cli/command_line.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "jobs/exec/command_job.h"
#include "jobs/graph/assignments_options.h"
#include "tools/cli/options/config_file.h"
#include "tools/cli/options/environment.h"
#include "tools/cli/options/global_options.h"
#include "tools/cli/options/typed_time.h"

namespace runledger {
namespace {

constexpr std::string_view kConfigKey = "config";
// Read where there is one and no other file is named.
constexpr const char* kSystemConfig = "/etc/runledger/runledger.toml";
constexpr const char* kFormatVariable = "RUNLEDGER_FORMAT";
// No option: it tells the tests where their data is, and the programs that they start inherit it.
constexpr const char* kSharedVariable = "RUNLEDGER_SHARED";

// An option that has a name, so that it can be set in the configuration file.
struct NamedOption {
  CLI::Option* option = nullptr;
  ConfigType type = ConfigType::kString;
  bool is_required = false;

  // The key in the configuration file.
  [[nodiscard]] std::string key() const { return option->get_single_name(); }
};

class AppOptions final : public Options {
 public:
  explicit AppOptions(CLI::App& app) : app_(app) {}

  void text(std::string_view flags, std::string_view value, std::string_view help, std::string& into) override {
    add_named(flags, value, help, into, ConfigType::kString, false);
  }

  void value(std::string_view flags, std::string_view value, std::string_view help, Typed& into) override {
    add_named(flags, value, help, into, ConfigType::kString, false);
  }

  void required_value(std::string_view flags, std::string_view value, std::string_view help,
                      std::string& into) override {
    add_named(flags, value, help, into, ConfigType::kString, true);
  }

  void number(std::string_view flags, std::string_view value, std::string_view help, Typed& into) override {
    add_named(flags, value, help, into, ConfigType::kInteger, false);
  }

  void required_number(std::string_view flags, std::string_view value, std::string_view help,
                       std::string& into) override {
    add_named(flags, value, help, into, ConfigType::kInteger, true);
  }

  void time(std::string_view flags, std::string_view value, std::string_view help, Typed& into) override {
    add_named(flags, value, help, into, ConfigType::kTime, false);
  }

  void values(std::string_view flags, std::string_view value, std::string_view help,
              std::vector<std::string>& into) override {
    CLI::Option* const option = add_many(flags, help, into)->type_name(std::string(value));
    named_.push_back({.option = option, .type = ConfigType::kStrings});
  }

  void flag(std::string_view flags, std::string_view help, bool& into) override {
    // CLI11 lets the last of several flags win, but a flag that is typed twice is more likely a slip.
    CLI::Option* const option =
        app_.add_flag(std::string(flags), into, std::string(help))->multi_option_policy(CLI::MultiOptionPolicy::Throw);
    named_.push_back({.option = option, .type = ConfigType::kBoolean});
  }

  void optional_number(std::string_view flags, std::string_view help, Typed& into) override {
    CLI::Option* const option = app_.add_flag(std::string(flags), into, std::string(help));
    option->multi_option_policy(CLI::MultiOptionPolicy::Throw);
    named_.push_back({.option = option, .type = ConfigType::kBoolean});
  }

  void rest(std::vector<std::string>& into) override { rest_ = &into; }

  void argument(std::string_view name, std::string_view help, std::string& into) override {
    add_single(name, help, into)->required();
  }

  void optional_argument(std::string_view name, std::string_view help, Typed& into) override {
    add_single(name, help, into);
  }

  void arguments(std::string_view name, std::string_view help, std::vector<std::string>& into) override {
    add_many(name, help, into)->required();
  }

  // Returns "" for the global options, as the configuration file names its tables.
  [[nodiscard]] std::string table() const { return app_.get_parent() == nullptr ? "" : app_.get_name(); }
  [[nodiscard]] const std::vector<NamedOption>& named() const { return named_; }
  // Receives the words after "--"; null when the command takes none.
  [[nodiscard]] std::vector<std::string>* rest() const { return rest_; }

 private:
  template <class Into>
  CLI::Option* add_named(std::string_view flags, std::string_view value, std::string_view help, Into& into,
                         ConfigType type, bool is_required) {
    CLI::Option* const option = add_single(flags, help, into)->type_name(std::string(value));
    named_.push_back({.option = option, .type = type, .is_required = is_required});
    return option;
  }

  // Takes the text unconverted, because CLI11's own conversions read "010" as octal and "[a,b]" as two values.
  template <class Into>
  CLI::Option* add_single(std::string_view name, std::string_view help, Into& into) {
    return app_.add_option(std::string(name), CLI::callback_t([&into](const CLI::results_t& results) {
                             into = results.front();
                             return true;
                           }),
                           std::string(help));
  }

  CLI::Option* add_many(std::string_view name, std::string_view help, std::vector<std::string>& into) {
    const bool positional = name.front() != '-';
    CLI::Option* option = app_.add_option(std::string(name), CLI::callback_t([&into](const CLI::results_t& results) {
                                            into = results;
                                            return true;
                                          }),
                                          std::string(help));
    // This is the only way to let a positional have several values. CLI11 then splits "[a,b]" in two, so a file of that
    // name must be typed as "./[a,b]".
    if (positional) return option->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args();
    return option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }

  CLI::App& app_;
  std::vector<NamedOption> named_;
  std::vector<std::string>* rest_ = nullptr;
};

// Returns RUNLEDGER_OPTION or RUNLEDGER_COMMAND_OPTION, and "" for an option that has no long name.
std::string environment_name(const CLI::App& app, const CLI::Option& option) {
  if (option.get_lnames().empty()) return "";
  std::string name = app.get_parent() == nullptr ? "RUNLEDGER_" : fmt::format("RUNLEDGER_{}_", app.get_name());
  name += option.get_lnames().front();
  for (char& c : name) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

void name_in_environment(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option != app.get_help_ptr() && option != app.get_version_ptr())
      option->envname(environment_name(app, *option));
  }
}

// Help without the environment variable of every single option, because the footer states the rule once, and with the
// mark of those that are required, of which CLI11 does not know.
class HelpText final : public CLI::Formatter {
 public:
  explicit HelpText(const std::set<const CLI::Option*>& required) : required_(required) {}

  std::string make_option_opts(const CLI::Option* option) const override {
    std::string text = CLI::Formatter::make_option_opts(option);
    const std::size_t at = text.find(" (" + get_label("Env"));
    if (at != std::string::npos) text.erase(at, text.find(')', at) + 1 - at);
    return required_.contains(option) ? text + " REQUIRED" : text;
  }

 private:
  const std::set<const CLI::Option*>& required_;
};

constexpr const char* kFooter =
    "`runledger help COMMAND` tells more of each. What is not given is looked for in the environment, as "
    "RUNLEDGER_OPTION\nor RUNLEDGER_COMMAND_OPTION, then in the configuration file.";

void declare_globals(CLI::App& app, AppOptions& options, TypedGlobals& globals) {
  app.fallthrough();  // The subcommands inherit it, so global options work after a command too.
  app.require_subcommand(1, 1);
  app.set_version_flag("-V,--version", "runledger " RUNLEDGER_VERSION);
  globals.declare(options);
  app.get_option("--format")->check(CLI::IsMember({"text", "table", "json", "csv", "tsv"}).description(""));
  app.footer(kFooter);
}

std::string without_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '.')) text.pop_back();
  return text;
}

// `about` is the command whose help tells more; "" for the help of the program.
[[noreturn]] void refuse_usage(const std::string& message, const std::string& about) {
  const std::string text = without_end(message);
  refuse("usage", fmt::format("{}{} see runledger {}--help", text, text.ends_with('?') ? "" : ";",
                              about.empty() ? about : about + " "));
}

std::string advice(std::string_view typed, const Names& names, std::string_view dashes = "") {
  const std::optional<std::string> nearest = nearest_name(typed, names);
  return nearest ? fmt::format("; did you mean \"{}{}\"?", dashes, *nearest) : "";
}

bool is_option(std::string_view word) {
  return word.size() > 1 && word.front() == '-';
}

// A subcommand and its options.
struct Declared {
  Subcommand* command = nullptr;
  AppOptions options;
};

Format format_of(std::string_view typed) {
  if (typed == "csv") return Format::kCsv;
  if (typed == "tsv") return Format::kTsv;
  return typed == "json" ? Format::kJson : Format::kText;
}

bool ends_options(const char* argument) {
  return std::strcmp(argument, "--") == 0;
}

// Returns the index of "--" if the word `command` comes before it, else argc. CLI11 must not see the words after it: it
// would take them for options and arguments of ours, and cut "[a,b]" in two.
int end_before_rest(int argc, const char* const* argv, std::string_view command) {
  const auto* const end = std::find_if(argv, argv + argc, ends_options);
  return std::find(argv, end, command) == end ? argc : static_cast<int>(end - argv);
}

void take_rest(const Declared& declared, int count, const char* const* rest) {
  if (declared.options.rest() == nullptr)
    refuse_usage("expected \"--\" only before the command of exec", std::string(declared.command->description().name));
  declared.options.rest()->assign(rest, rest + count);
}

// The program as CLI11 knows it: the global options, and one sub-app for each subcommand.
class Program {
 public:
  explicit Program(const std::vector<std::unique_ptr<Subcommand>>& commands) : global_(app_) {
    app_.formatter(std::make_shared<HelpText>(required_));
    declare_globals(app_, global_, globals_);
    name_in_environment(app_);
    for (const auto& command : commands) declare(*command);
  }

  // Parses the command line and the environment. Returns the help or the version if the user asked for one, else "".
  std::string parse(int argc, const char* const* argv);
  // Refuses variables that look like options but are none.
  void check_environment() const;
  // Gives every option that is still without a value the one that the configuration file has, if there is one.
  void fill_from_file();
  // Refuses CSV and TSV for a command that prints neither.
  void require_format() const;
  // Refuses to go on without an option that the command requires.
  void require_all() const;

  // The subcommand that the user typed. Requires that parse() returned "".
  [[nodiscard]] const Declared& selected() const { return commands_.at(app_.get_subcommands().front()); }
  [[nodiscard]] const TypedGlobals& globals() const { return globals_; }
  [[nodiscard]] Format format() const { return format_of(globals_.format); }
  // Returns the help of the command of this name, or of the program for "". Refuses another name.
  [[nodiscard]] std::string help(const std::string& about);
  // Returns the index of the "--" before the words that are not ours, or argc.
  [[nodiscard]] int end_of(int argc, const char* const* argv) const;

 private:
  void declare(Subcommand& command);
  [[nodiscard]] std::optional<std::string> config_file() const;
  [[noreturn]] void refuse_command(const std::string& typed) const;
  // Refuses words that CLI11 could not make sense of.
  [[noreturn]] void refuse_words(const std::vector<std::string>& words) const;
  // Returns the name of the command that was typed, or "".
  [[nodiscard]] std::string command_name() const;
  // Returns the options that may be typed here, without their dashes.
  [[nodiscard]] Names known_options() const;
  // Returns the options of all tables of the configuration file.
  [[nodiscard]] std::vector<const AppOptions*> tables() const;

  CLI::App app_{std::string(kProgramSummary), "runledger"};
  TypedGlobals globals_;
  AppOptions global_;
  std::map<const CLI::App*, Declared> commands_;
  std::set<const CLI::Option*> required_;
};

void Program::declare(Subcommand& command) {
  const Subcommand::Description description = command.description();
  CLI::App* const sub = app_.add_subcommand(std::string(description.name), std::string(description.summary));
  Declared declared{&command, AppOptions(*sub)};
  command.declare(declared.options);
  name_in_environment(*sub);
  bool has_times = false;
  for (const NamedOption& named : declared.options.named()) {
    if (named.is_required) required_.insert(named.option);
    has_times = has_times || named.option->get_type_name() == kTimeValue ||
                named.option->get_type_name() == kSequenceOrTimeValue;
  }
  sub->footer((has_times ? std::string(kTimeHelp) + "\n\n" : "") + "Example:\n" + std::string(description.example));
  commands_.emplace(sub, std::move(declared));
}

int Program::end_of(int argc, const char* const* argv) const {
  int end = argc;
  for (const auto& [app, declared] : commands_) {
    if (declared.options.rest() != nullptr) end = std::min(end, end_before_rest(argc, argv, app->get_name()));
  }
  return end;
}

std::string Program::parse(int argc, const char* const* argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return app_.help();
  } catch (const CLI::CallForVersion& version) {
    return std::string(version.what()) + "\n";
  } catch (const CLI::Error& error) {
    // CLI11 reports a missing command before it reports an unknown word in its place, and the word helps the user more.
    const bool is_about_words = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr ||
                                dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
    const std::vector<std::string> unexpected = app_.remaining(true);
    if (is_about_words && !unexpected.empty()) refuse_words(unexpected);
    refuse_usage(command_name().empty() ? "expected a command" : error.what(), command_name());
  }
  return "";
}

std::string Program::help(const std::string& about) {
  if (about.empty()) return app_.help();
  for (const auto& [app, declared] : commands_) {
    if (app->get_name() == about) return app->help(app_.get_name());
  }
  refuse_command(about);
}

std::string Program::command_name() const {
  const std::vector<CLI::App*> typed = app_.get_subcommands();
  return typed.empty() ? "" : typed.front()->get_name();
}

void Program::refuse_command(const std::string& typed) const {
  Names names;
  for (const auto& [app, declared] : commands_) names.insert(app->get_name());
  refuse_usage(fmt::format("expected a command, found \"{}\"{}", typed, advice(typed, names)), "");
}

void Program::refuse_words(const std::vector<std::string>& words) const {
  const std::string command = command_name();
  const auto option = std::find_if(words.begin(), words.end(), is_option);
  if (option == words.end()) {
    if (command.empty()) refuse_command(words.front());
    refuse_usage(fmt::format("expected no further argument of {}, found \"{}\"", command, words.front()), command);
  }
  const std::string typed = option->substr(0, option->find('='));
  const std::string_view name = std::string_view(typed).substr(std::min(typed.find_first_not_of("-"), typed.size()));
  refuse_usage(fmt::format("expected a known option{}, found \"{}\"{}", command.empty() ? "" : " of " + command, typed,
                           advice(name, known_options(), "--")),
               command);
}

Names Program::known_options() const {
  Names names;
  std::vector<const CLI::App*> apps{&app_};
  for (const CLI::App* command : app_.get_subcommands()) apps.push_back(command);
  for (const CLI::App* app : apps) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) names.insert(name);
    }
  }
  return names;
}

std::vector<const AppOptions*> Program::tables() const {
  std::vector<const AppOptions*> all{&global_};
  for (const auto& command : commands_) all.push_back(&command.second.options);
  return all;
}

void Program::check_environment() const {
  Names known(kCommandVariables.begin(), kCommandVariables.end());
  known.insert(kSnapshotsVariable);
  known.insert(kSharedVariable);
  for (const AppOptions* table : tables()) {
    for (const NamedOption& named : table->named()) known.insert(named.option->get_envname());
  }
  require_known_variables(environ, known);
}

std::optional<std::string> Program::config_file() const {
  if (globals_.config) return globals_.config;
  // A directory that this user may not enter is like one without the file. A file that may not be read is a mistake.
  return ::access(kSystemConfig, F_OK) == 0 ? std::optional<std::string>(kSystemConfig) : std::nullopt;
}

void Program::fill_from_file() {
  const std::optional<std::string> file = config_file();
  if (!file) return;
  ConfigTables known;
  std::map<std::pair<std::string, std::string>, CLI::Option*> options;
  for (const AppOptions* table : tables()) {
    ConfigKeys& keys = known[table->table()];
    for (const NamedOption& named : table->named()) {
      if (named.key() == kConfigKey) continue;  // A file does not name another one.
      keys[named.key()] = named.type;
      options[{table->table(), named.key()}] = named.option;
    }
  }
  for (const ConfigEntry& entry : parse_config(read_config_file(*file), *file, known)) {
    CLI::Option* const option = options.at({entry.table, entry.key});
    if (option->count() > 0 || entry.texts.empty()) continue;
    try {
      option->add_result(entry.texts);
      option->run_callback();
    } catch (const CLI::Error&) {
      refuse_config(entry.place, fmt::format("{} for \"{}\", found another value", option->get_type_name(), entry.key));
    }
  }
}

void Program::require_format() const {
  if (format() == Format::kText || format() == Format::kJson) return;
  if (selected().command->description().has_columns) return;
  Names able;
  for (const auto& [app, declared] : commands_) {
    if (declared.command->description().has_columns) able.insert(app->get_name());
  }
  refuse_usage(fmt::format("expected --format {} only with {}, found it with {}", globals_.format,
                           fmt::join(able, ", "), command_name()),
               command_name());
}

void Program::require_all() const {
  for (const NamedOption& named : selected().options.named()) {
    if (named.is_required && named.option->count() == 0)
      refuse_usage(named.option->get_name() + " is required", command_name());
  }
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv,
                               const std::vector<std::unique_ptr<Subcommand>>& commands) {
  CommandLine line;
  Program program(commands);
  const int end = program.end_of(argc, argv);
  line.text = program.parse(end, argv);
  if (!line.text.empty()) return line;
  const bool is_about_program = program.selected().command->description().is_about_program;
  if (!is_about_program) {
    program.check_environment();
    program.fill_from_file();
  }
  program.require_all();
  line.command = program.selected().command;
  line.data = program.globals().data;
  line.catalog = program.globals().catalog;
  line.spool = program.globals().spool;
  line.connect = program.globals().connect;
  if (line.data.empty()) refuse("data.invalid", "expected --data to name a directory, found nothing");
  if (end < argc) take_rest(program.selected(), argc - end - 1, argv + end + 1);
  line.format = program.format();
  if (!is_about_program) program.require_format();
  return line;
}

std::string help_text(const std::string& about) {
  const std::vector<std::unique_ptr<Subcommand>> commands = all_subcommands();
  return Program(commands).help(about);
}

std::string_view command_word(int argc, const char* const* argv) {
  for (int i = 1; i < argc && !ends_options(argv[i]); ++i) {
    const std::string_view word = argv[i];
    if (!word.starts_with('-')) return word;
    const bool is_switch = word == "--help" || word == "-h" || word == "--version" || word == "-V";
    const bool has_its_value = word.starts_with("--") ? word.find('=') != std::string_view::npos : word.size() > 2;
    if (!is_switch && !has_its_value) ++i;
  }
  return "";
}

Format format_of_unusable(int argc, const char* const* argv) {
  constexpr std::string_view kOption = "--format";
  constexpr std::string_view kShort = "-f";
  for (int i = 1; i < argc && !ends_options(argv[i]); ++i) {
    const std::string_view argument = argv[i];
    if ((argument == kOption || argument == kShort) && i + 1 < argc) return format_of(argv[i + 1]);
    if (argument.starts_with(kOption) && argument.substr(kOption.size()).starts_with('='))
      return format_of(argument.substr(kOption.size() + 1));
    if (argument.starts_with(kShort)) return format_of(argument.substr(kShort.size()));
  }
  const char* const environment = std::getenv(kFormatVariable);
  return format_of(environment == nullptr ? "" : environment);
}

}  // namespace runledger
