// `runledger overdue`: types that have not succeeded for longer than the catalog expects.
#include "ledger/values/json_value.h"
#include "tools/cli/ask.h"
#include "tools/cli/options/question_options.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

class OverdueCommand final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "overdue",
            .summary = "Types that have not succeeded for longer than the catalog expects, by scope",
            .example =
                "  runledger overdue || echo 'something has not succeeded in time'\n"
                "  runledger overdue --type backup.take --format csv",
            .has_columns = true};
  }

  void declare(Options& options) override {
    question_.declare_scope(options);
    question_.declare_limit(options, "At most so many, 1 to 1000 (default 100)");
  }

  ExitStatus run(const Context& context) override {
    bool is_any = false;
    const Listing listing{.rows = "overdue",
                          .columns = {{{"TYPE", Fit::kText, 4}, "type"},
                                      {{"WORKSPACE", Fit::kText, 3}, "workspace_id"},
                                      {{"TENANT", Fit::kText, 3}, "tenant_id"},
                                      {{"EVERY", Fit::kWhole}, "expect_every_seconds"},
                                      {{"LAST SUCCESS", Fit::kTime, 2}, "last_succeeded_at"},
                                      {{"OVERDUE SINCE", Fit::kTime, 2}, "overdue_since"}},
                          .members = {"type", "workspace_id", "tenant_id", "expect_every_seconds", "last_succeeded_at",
                                      "first_requested_at", "overdue_since", "overdue_seconds"},
                          .each_answer = [&is_any](const JsonValue& answer) {
                            const auto* count = answer.find<std::int64_t>("overdue_count");
                            is_any = is_any || (count != nullptr && *count > 0);
                          }};
    const ExitStatus status = ask(context, question_.require_question("overdue"), listing);
    return status == ExitStatus::kDone && is_any ? ExitStatus::kOverdue : status;
  }

 private:
  TypedQuestion question_;
};

}  // namespace

std::unique_ptr<Subcommand> make_overdue() {
  return std::make_unique<OverdueCommand>();
}

}  // namespace runledger
