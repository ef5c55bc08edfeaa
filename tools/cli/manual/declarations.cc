// Keeps what a command declares instead of parsing by it.
#include "tools/cli/manual/declarations.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "ledger/base/ascii.h"
#include "tools/cli/options/global_options.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

class Recorder final : public Options {
 public:
  void value(std::string_view flags, std::string_view value, std::string_view help, Typed&) override {
    add(flags, value, help);
  }
  void text(std::string_view flags, std::string_view value, std::string_view help, std::string&) override {
    add(flags, value, help);
  }
  void required_value(std::string_view flags, std::string_view value, std::string_view help, std::string&) override {
    add(flags, value, help).is_required = true;
  }
  void number(std::string_view flags, std::string_view value, std::string_view help, Typed&) override {
    add(flags, value, help);
  }
  void required_number(std::string_view flags, std::string_view value, std::string_view help, std::string&) override {
    add(flags, value, help).is_required = true;
  }
  void time(std::string_view flags, std::string_view value, std::string_view help, Typed&) override {
    add(flags, value, help);
  }
  void values(std::string_view flags, std::string_view value, std::string_view help,
              std::vector<std::string>&) override {
    add(flags, value, help).is_repeatable = true;
  }
  void flag(std::string_view flags, std::string_view help, bool&) override { add(flags, "", help); }
  void optional_number(std::string_view flags, std::string_view help, Typed&) override { add(flags, "", help); }
  void argument(std::string_view name, std::string_view help, std::string&) override {
    add_argument(std::string(name), help);
  }
  void optional_argument(std::string_view name, std::string_view help, Typed&) override {
    add_argument("[" + std::string(name) + "]", help);
  }
  void arguments(std::string_view name, std::string_view help, std::vector<std::string>&) override {
    add_argument(std::string(name) + "…", help);
  }
  void rest(std::vector<std::string>&) override {
    add_argument("-- COMMAND [ARGUMENT…]", "The command to run, and its arguments");
  }

  [[nodiscard]] std::vector<DeclaredOption> take_options() { return std::move(options_); }
  [[nodiscard]] std::vector<DeclaredArgument> take_arguments() { return std::move(arguments_); }

 private:
  void add_argument(std::string name, std::string_view help) {
    arguments_.push_back({std::move(name), std::string(help)});
  }

  // `flags` is "-n,--limit", "--limit" or "-n".
  DeclaredOption& add(std::string_view flags, std::string_view value, std::string_view help) {
    DeclaredOption option{.short_flag = "",
                          .long_flag = "",
                          .value = std::string(value),
                          .help = std::string(help),
                          .is_required = false,
                          .is_repeatable = false};
    while (!flags.empty()) {
      const std::string_view each = flags.substr(0, flags.find(','));
      (each.starts_with("--") ? option.long_flag : option.short_flag) = each;
      flags.remove_prefix(std::min(each.size() + 1, flags.size()));
    }
    return options_.emplace_back(std::move(option));
  }

  std::vector<DeclaredOption> options_;
  std::vector<DeclaredArgument> arguments_;
};

}  // namespace

Declarations declarations_of_program() {
  Declarations all;
  TypedGlobals globals;
  Recorder recorder;
  globals.declare(recorder);
  all.global = recorder.take_options();
  all.global.push_back({"-h", "--help", "", "The help of the program or of the command", false, false});
  all.global.push_back({"-V", "--version", "", "The version of the program", false, false});
  for (const std::unique_ptr<Subcommand>& command : all_subcommands()) {
    const Subcommand::Description description = command->description();
    Recorder own;
    command->declare(own);
    all.commands.push_back({std::string(description.name), std::string(description.summary),
                            std::string(description.example), own.take_options(), own.take_arguments()});
  }
  return all;
}

std::vector<std::string> choices_of(const DeclaredOption& option) {
  std::vector<std::string> choices;
  std::string_view rest = option.value;
  if (rest.find('|') == std::string_view::npos) return choices;
  while (!rest.empty()) {
    const std::string_view each = rest.substr(0, rest.find('|'));
    // A name such as FILE stands for values that nobody can list.
    if (each.empty() ||
        !std::all_of(each.begin(), each.end(), [](char c) { return is_lower(c) || c == '_' || c == '-'; }))
      return {};
    choices.emplace_back(each);
    rest.remove_prefix(std::min(each.size() + 1, rest.size()));
  }
  return choices;
}

}  // namespace runledger
