// `runledger duplicates`: prints the requests and starts that were answered with an existing run.
#include "tools/cli/ask.h"
#include "tools/cli/options/question_options.h"
#include "tools/cli/output/answer_table.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

void print_groups(const JsonValue& answer, Output& out) {
  print_answer(answer, "groups",
               {{"COUNT", "count"},
                {"RULE", "rule"},
                {"TYPE", "type"},
                {"WORKSPACE", "workspace_id"},
                {"TENANT", "tenant_id"},
                {"LAST RUN", "run_id"},
                {"FIRST", "first_at"},
                {"LAST", "last_at"},
                {"ASKED BY", "initiators"}},
               out);
}

void print_duplicates(const JsonValue& answer, Output& out) {
  print_answer(answer, "duplicates",
               {{"RECORDED", "recorded_at"},
                {"RULE", "rule"},
                {"STAGE", "stage"},
                {"ASKED BY", "asked_by"},
                {"ANSWERED WITH", "run_id"},
                {"TYPE", "type"},
                {"WORKSPACE", "workspace_id"},
                {"TENANT", "tenant_id"}},
               out);
}

class Duplicates final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "duplicates",
            .summary = "Requests and starts that were answered with an existing run, newest first",
            .example =
                "  runledger duplicates --tenant north --rule cooldown --limit 20\n"
                "  runledger duplicates --by-identity --since 2026-01-31T12:00:00Z"};
  }

  void declare(Options& options) override {
    question_.declare_scope(options);
    question_.values(options, "rule", "RULE", "active_run, cooldown, same_run, attempt_active, …; one of several");
    question_.value(options, "stage", "STAGE", "dispatch: of requests; execute: of starts");
    question_.value(options, "initiator", "TEXT", "Who asked again");
    question_.value(options, "identity", "HASH", "The identity of the run");
    question_.declare_times(options, "Recorded");
    options.flag("--by-identity", "Counts the newest 5,000 by identity and rule", by_identity_);
    question_.declare_page(options);
  }

  ExitStatus run(const Context& context) override {
    Question question = question_.require_question("duplicates");
    if (by_identity_) question.parameters.add("group", "identity");
    return ask(context, question, by_identity_ ? print_groups : print_duplicates);
  }

 private:
  TypedQuestion question_;
  bool by_identity_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_duplicates() {
  return std::make_unique<Duplicates>();
}

}  // namespace runledger
