// `runledger workers`: workers, by their open attempts, and what they did in the last 24 hours.
#include "tools/cli/ask.h"
#include "tools/cli/options/question_options.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

class WorkersCommand final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "workers",
            .summary = "Workers, by their open attempts, and what they did in the last 24 hours",
            .example = "  runledger workers --type demo.sync",
            .has_columns = true};
  }

  void declare(Options& options) override {
    question_.declare_scope(options);
    question_.value(options, "worker", "NAME", "Only this worker");
    question_.declare_limit(options, "At most so many, 1 to 1000 (default 100)");
  }

  ExitStatus run(const Context& context) override {
    return ask(context, question_.require_question("workers"),
               {.rows = "workers",
                .columns = {{"WORKER", "worker"},
                            {"OPEN", "open_attempts"},
                            {"STARTED", "started"},
                            {"FAILED", "failed"},
                            {"LOST", "lost"},
                            {{"LAST START", Fit::kTime}, "last_start"}},
                .members = {"worker", "open_attempts", "started", "failed", "lost", "last_start", "attempts"}});
  }

 private:
  TypedQuestion question_;
};

}  // namespace

std::unique_ptr<Subcommand> make_workers() {
  return std::make_unique<WorkersCommand>();
}

}  // namespace runledger
