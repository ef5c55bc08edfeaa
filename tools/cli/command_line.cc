// The only file that uses CLI11.
//
// One CLI::App holds the global options and one sub-app for each subcommand. parse_command_line() builds them: it
// declares the global options, then lets every subcommand declare its own through AppOptions, which implements the
// Options interface on top of a sub-app. Each option stores its text, unconverted, into a variable of the subcommand:
// CLI11's own conversions accept forms that we refuse, so the commands check the text later, with codes of our own.
//
// A value comes from the first of these places that has it: the command line, the environment, the configuration file.
// name_in_environment() gives every option with a long name its variable. CLI11 alone would let the file overrule the
// environment, so FileBelowEnvironment drops each entry of the file whose variable is set before CLI11 sees it.
//
// The command of `exec` after "--" never reaches CLI11, which would parse it as options and arguments of ours:
// end_before_rest() finds where it begins, CLI11 parses up to there, and take_rest() hands the remainder on as it is.
//
// CLI11 reports everything by exceptions. Help and version become a text without a command; every other exception
// becomes Refused with code "usage" or "config.invalid". After a successful parse, exactly one sub-app was selected,
// and `command_of` maps it back to the Subcommand that declared it.
#include "tools/cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <map>
#include <utility>

namespace runledger {
namespace {

constexpr const char* kDataDefault = "./runledger-data";
constexpr const char* kConfigVariable = "RUNLEDGER_CONFIG";
constexpr const char* kFormatVariable = "RUNLEDGER_FORMAT";

class AppOptions final : public Options {
 public:
  explicit AppOptions(CLI::App& app) : app_(app) {}

  void value(std::string_view flags, std::string_view value, std::string_view help, Typed& into) override {
    add_single(flags, help, [&into](std::string text) { into = std::move(text); })->type_name(std::string(value));
  }

  void required_value(std::string_view flags, std::string_view value, std::string_view help,
                      std::string& into) override {
    add_single(flags, help, [&into](std::string text) { into = std::move(text); })
        ->type_name(std::string(value))
        ->required();
  }

  void values(std::string_view flags, std::string_view value, std::string_view help,
              std::vector<std::string>& into) override {
    add_many(flags, help, into)->type_name(std::string(value));
  }

  void flag(std::string_view flags, std::string_view help, bool& into) override {
    // CLI11 lets the last of several flags win, but a flag that is typed twice is more likely a slip.
    app_.add_flag(std::string(flags), into, std::string(help))->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  }

  void rest(std::vector<std::string>& into) override { rest_ = &into; }

  void argument(std::string_view name, std::string_view help, std::string& into) override {
    add_single(name, help, [&into](std::string text) { into = std::move(text); })->required();
  }

  void arguments(std::string_view name, std::string_view help, std::vector<std::string>& into) override {
    add_many(name, help, into)->required();
  }

  // Receives the words after "--"; null when the command takes none.
  [[nodiscard]] std::vector<std::string>* rest() const { return rest_; }

 private:
  // Takes the text unconverted, because CLI11's own conversions read "010" as octal and "[a,b]" as two values.
  template <class Assign>
  CLI::Option* add_single(std::string_view name, std::string_view help, Assign assign) {
    return app_.add_option(std::string(name), CLI::callback_t([assign](const CLI::results_t& results) {
                             assign(results.front());
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

bool is_in_environment(const std::string& name) {
  const char* value = name.empty() ? nullptr : std::getenv(name.c_str());
  return value != nullptr && *value != '\0';
}

void name_in_environment(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option != app.get_help_ptr() && option->get_configurable()) option->envname(environment_name(app, *option));
  }
}

// Reads a configuration file, without the entries that the environment sets too: CLI11 would let the file win.
class FileBelowEnvironment final : public CLI::ConfigTOML {
 public:
  explicit FileBelowEnvironment(const CLI::App& app) : app_(app) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> found = CLI::ConfigTOML::from_config(input);
    std::erase_if(found, [this](const CLI::ConfigItem& item) { return is_overruled(item); });
    return found;
  }

 private:
  [[nodiscard]] bool is_overruled(const CLI::ConfigItem& item) const {
    if (item.parents.size() > 1) return false;  // No command is nested, so CLI11 refuses it as an unknown key.
    try {
      const CLI::App* app = item.parents.empty() ? &app_ : app_.get_subcommand(item.parents.front());
      const CLI::Option* option = app->get_option_no_throw("--" + item.name);
      return option != nullptr && is_in_environment(option->get_envname());
    } catch (const CLI::OptionNotFound&) {
      return false;  // There is no such command, and CLI11 refuses the entry later as an unknown key.
    }
  }

  const CLI::App& app_;
};

// Help without the environment variable of every single option, because the footer states the rule once.
class HelpText final : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    std::string text = CLI::Formatter::make_option_opts(option);
    const std::size_t at = text.find(" (" + get_label("Env"));
    if (at != std::string::npos) text.erase(at, text.find(')', at) + 1 - at);
    return text;
  }
};

void declare_connection(CLI::App& app, TypedConnect& connect) {
  app.add_option("--connect", connect.address,
                 "Goes through the daemon at unix:PATH, tls:HOST:PORT, or tcp:HOST:PORT where everybody on the way can "
                 "read along (default: one that runs on --data)")
      ->type_name("ADDRESS");
  app.add_option("--token-file", connect.token_file, "The file that holds the token for --connect")->type_name("FILE");
  app.add_option("--tls-ca", connect.tls_ca, "The CAs to trust with tls: (default: those that this system trusts)")
      ->type_name("FILE");
  app.add_option("--client-cert", connect.client_cert, "The certificate to show with tls:, where the daemon wants one")
      ->type_name("FILE");
  app.add_option("--client-key", connect.client_key, "The key of --client-cert")->type_name("FILE");
}

void declare_global_options(CLI::App& app, CommandLine& line, std::string& format) {
  app.fallthrough();  // The subcommands inherit it, so global options work after a command too.
  app.require_subcommand(1, 1);
  app.set_version_flag("--version", "runledger " RUNLEDGER_VERSION);
  app.add_option("--data", CLI::callback_t([&line](const CLI::results_t& results) {
                   line.data = results.front();
                   return true;
                 }),
                 "The ledger's directory (default ./runledger-data)")
      ->type_name("DIR");
  app.add_option("--catalog", line.catalog,
                 "Types of your own, beside the built-in ones; after `import` it is that command's own option")
      ->type_name("FILE");
  declare_connection(app, line.connect);
  app.add_option("--format", format, "How results are printed")
      ->type_name("text|json")
      ->check(CLI::IsMember({"text", "json"}).description(""));
  const char* const config = std::getenv(kConfigVariable);
  app.set_config("--config", config == nullptr ? "" : config,
                 "Options from a TOML file; the command line has the last word", is_in_environment(kConfigVariable))
      ->type_name("FILE");
  app.config_formatter(std::make_shared<FileBelowEnvironment>(app));
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.footer(
      "`runledger COMMAND --help` tells more of each. What is not given is looked for in the environment, as "
      "RUNLEDGER_OPTION\nor RUNLEDGER_COMMAND_OPTION, then in the configuration file.");
}

std::string without_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '.')) text.pop_back();
  return text;
}

[[noreturn]] void refuse_usage(const std::string& message) {
  refuse("usage", without_end(message) + "; see runledger --help");
}

[[noreturn]] void refuse_config(const std::string& message) {
  refuse("config.invalid",
         "expected a configuration file that can be read, with known options only, found: " + without_end(message));
}

// A subcommand, and where its words after "--" go; null when it takes none.
struct Declared {
  Subcommand* command = nullptr;
  std::vector<std::string>* rest = nullptr;
};

Format format_of(std::string_view typed) {
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
  if (declared.rest == nullptr) refuse_usage("expected \"--\" only before the command of exec");
  declared.rest->assign(rest, rest + count);
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv,
                               const std::vector<std::unique_ptr<Subcommand>>& commands) {
  CLI::App app("An event-sourced ledger of background operation runs.", "runledger");
  CommandLine line;
  line.data = kDataDefault;
  std::string format = "text";
  app.formatter(std::make_shared<HelpText>());
  declare_global_options(app, line, format);
  name_in_environment(app);
  std::map<const CLI::App*, Declared> command_of;
  int end = argc;
  for (const auto& command : commands) {
    const Subcommand::Description description = command->description();
    CLI::App* sub = app.add_subcommand(std::string(description.name), std::string(description.summary));
    sub->footer("Example:\n" + std::string(description.example));
    AppOptions options(*sub);
    command->declare(options);
    name_in_environment(*sub);
    command_of[sub] = {command.get(), options.rest()};
    if (options.rest() != nullptr) end = std::min(end, end_before_rest(argc, argv, description.name));
  }
  try {
    app.parse(end, argv);
  } catch (const CLI::CallForHelp&) {
    line.text = app.help();
    return line;
  } catch (const CLI::CallForVersion& version) {
    line.text = std::string(version.what()) + "\n";
    return line;
  } catch (const CLI::RequiredError& error) {
    // CLI11 reports a missing command before it reports an unknown word in its place, and the word helps the user more.
    const std::vector<std::string> strangers = app.remaining();
    if (app.get_subcommands().empty() && !strangers.empty())
      refuse_usage(fmt::format("expected a command, found \"{}\"", strangers.front()));
    refuse_usage(error.what());
  } catch (const CLI::ConfigError& error) {
    refuse_config(error.what());
  } catch (const CLI::FileError& error) {
    refuse_config(error.what());
  } catch (const CLI::Error& error) {
    refuse_usage(error.what());
  }
  const Declared& declared = command_of.at(app.get_subcommands().front());
  line.command = declared.command;
  if (line.data.empty()) refuse("data.invalid", "expected --data to name a directory, found nothing");
  if (end < argc) take_rest(declared, argc - end - 1, argv + end + 1);
  line.format = format_of(format);
  return line;
}

Format format_of_unusable(int argc, const char* const* argv) {
  constexpr std::string_view kOption = "--format";
  for (int i = 1; i < argc && !ends_options(argv[i]); ++i) {
    const std::string_view argument = argv[i];
    if (!argument.starts_with(kOption)) continue;
    if (argument == kOption && i + 1 < argc) return format_of(argv[i + 1]);
    if (argument.substr(kOption.size()).starts_with('=')) return format_of(argument.substr(kOption.size() + 1));
  }
  const char* const environment = std::getenv(kFormatVariable);
  return format_of(environment == nullptr ? "" : environment);
}

}  // namespace runledger
