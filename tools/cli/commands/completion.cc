// `runledger completion` and `runledger man`: print what is made of the declarations of all commands.
#include <fmt/format.h>

#include "tools/cli/manual/completion.h"
#include "tools/cli/manual/man_page.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

class Completion final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "completion",
            .summary = "A script that completes commands and options in bash, zsh or fish",
            .example =
                "  runledger completion bash > ~/.local/share/bash-completion/completions/runledger\n"
                "  runledger completion zsh > ~/.zfunc/_runledger\n"
                "  runledger completion fish > ~/.config/fish/completions/runledger.fish",
            .is_about_program = true};
  }

  void declare(Options& options) override { options.argument("bash|zsh|fish", "The shell", shell_); }

  ExitStatus run(const Context& context) override {
    const std::optional<std::string> script = completion_script(shell_, declarations_of_program());
    if (!script) refuse("usage", fmt::format("expected bash, zsh or fish, found \"{}\"", shell_));
    context.out.write(*script);
    return ExitStatus::kDone;
  }

 private:
  std::string shell_;
};

class Man final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "man",
            .summary = "The manual page of the program, runledger(1)",
            .example = "  runledger man > ~/.local/share/man/man1/runledger.1",
            .is_about_program = true};
  }

  void declare(Options&) override {}

  ExitStatus run(const Context& context) override {
    context.out.write(man_page(declarations_of_program(), RUNLEDGER_VERSION));
    return ExitStatus::kDone;
  }
};

}  // namespace

std::unique_ptr<Subcommand> make_completion() {
  return std::make_unique<Completion>();
}

std::unique_ptr<Subcommand> make_man() {
  return std::make_unique<Man>();
}

}  // namespace runledger
