// `runledger help`: prints the help of the program or of a command.
#include "tools/cli/command_line.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

class Help final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "help",
            .summary = "This help, or that of a command",
            .example = "  runledger help list",
            .is_about_program = true};
  }

  void declare(Options& options) override {
    options.optional_argument("COMMAND", "The command (default: the program)", about_);
  }

  ExitStatus run(const Context& context) override {
    context.out.write(help_text(about_.value_or("")));
    return ExitStatus::kDone;
  }

 private:
  Typed about_;
};

}  // namespace

std::unique_ptr<Subcommand> make_help() {
  return std::make_unique<Help>();
}

}  // namespace runledger
