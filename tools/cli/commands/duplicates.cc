// `runledger duplicates`: prints the requests and starts that were answered with an existing run.
#include "tools/cli/ask.h"
#include "tools/cli/options/question_options.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

Listing groups() {
  return {.rows = "groups",
          .columns = {{{"COUNT", Fit::kWhole, 2}, "count"},
                      {{"RULE", Fit::kWhole, 2}, "rule"},
                      {{"TYPE", Fit::kText, 1}, "type"},
                      {"WORKSPACE", "workspace_id"},
                      {"TENANT", "tenant_id"},
                      {{"LAST RUN", Fit::kId, 2}, "run_id"},
                      {{"FIRST", Fit::kTime}, "first_at"},
                      {{"LAST", Fit::kTime, 1}, "last_at"},
                      {{"ASKED BY", Fit::kText, 1}, "initiators"}},
          .members = {"count", "rule", "type", "workspace_id", "tenant_id", "run_identity_hash", "run_id", "first_at",
                      "last_at", "initiators_count", "initiators"}};
}

Listing duplicates(bool every_page) {
  return {
      .rows = "duplicates",
      .columns = {{{"RECORDED", Fit::kTime, 2}, "recorded_at"},
                  {{"RULE", Fit::kWhole, 2}, "rule"},
                  {{"STAGE", Fit::kWhole}, "stage"},
                  {{"ASKED BY", Fit::kText, 1}, "asked_by"},
                  {{"ANSWERED WITH", Fit::kId, 2}, "run_id"},
                  {{"TYPE", Fit::kText, 1}, "type"},
                  {"WORKSPACE", "workspace_id"},
                  {"TENANT", "tenant_id"}},
      .members = {"sequence", "recorded_at", "occurred_at", "rule", "stage", "asked_by", "caller", "retry_at",
                  "requested_run", "run_id", "run_version", "type", "workspace_id", "tenant_id", "run_identity_hash"},
      .every_page = every_page};
}

class Duplicates final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "duplicates",
            .summary = "Requests and starts that were answered with an existing run, newest first",
            .example =
                "  runledger duplicates --tenant north --rule cooldown -n 20\n"
                "  runledger duplicates --by-identity --since 2d",
            .has_columns = true};
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
    return ask(context, question, by_identity_ ? groups() : duplicates(question_.wants_every_page()));
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
