// `runledger explain`: says what the ledger would answer to a request now, and why.
#include <fmt/format.h>

#include "ledger/exchange/explanation_json.h"
#include "ledger/exchange/reply_json.h"
#include "ledger/explain.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/options/request_fields.h"
#include "tools/cli/output/brief_time.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

std::string format_run(RunId run) {
  return format_uuid(run.value);
}

std::string verdict_text(const Explanation& explanation) {
  if (const auto* rejection = std::get_if<Rejection>(&explanation.answer))
    return fmt::format("rejected with {}: {}", rejection->code, rejection->detail.str());
  const Reply& reply = std::get<Reply>(explanation.answer);
  if (reply.verdict != Verdict::kDeduped) return "requested: a new run";
  return fmt::format("deduped by {}: run {}{}", reply.rule ? to_string(*reply.rule) : "", format_run(reply.run),
                     reply.retry_after ? fmt::format("; ask again in {} s", whole_seconds(*reply.retry_after)) : "");
}

void print_text(const Explanation& explanation, Output& out) {
  const IdentityState& identity = explanation.holder;
  out.line(fmt::format("would be   {}", verdict_text(explanation)));
  out.line(fmt::format("identity   {}", format_identity(explanation.identity)));
  out.line(fmt::format("held by    {}", identity.active ? format_run(*identity.active) : "no active run"));
  if (identity.last) out.line(fmt::format("last run   {}", format_run(*identity.last)));
  if (identity.cooldown_until) out.line(fmt::format("cooldown   until {}", time_text(*identity.cooldown_until, out)));
  if (identity.decided_by.value != 0) out.line(fmt::format("decided by event {}", identity.decided_by.value));
}

class Explain final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "explain",
            .summary = "What a request would be answered now, and why; changes nothing",
            .example =
                "  runledger explain --workspace acme --tenant north --type assignments.fetch \\\n"
                "      --input '{\"policy_ids\":[\"p1\",\"p2\"]}'"};
  }

  void declare(Options& options) override {
    what_.declare(options);
    fields_.declare(options);
    options.flag("--force", "As if the request were forced", force_);
  }

  ExitStatus run(const Context& context) override {
    RunRequest request = what_.require_request();
    fields_.require(request);
    request.force = force_;
    ReadingConnection ledger(context);
    fields_.find_runs(ledger.reader(), request);
    const Explanation explanation = require_answer(ledger.reader().explain(request));
    if (context.json()) {
      context.out.line(explanation_to_json(explanation));
    } else {
      print_text(explanation, context.out);
    }
    return ExitStatus::kDone;
  }

 private:
  TypedRequest what_;
  TypedRequestFields fields_;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_explain() {
  return std::make_unique<Explain>();
}

}  // namespace runledger
