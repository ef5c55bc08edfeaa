// `runledger spool`: shows the runs that `exec` carried out without the ledger, and takes them in.
#include <fmt/format.h>

#include "ledger/base/failure.h"
#include "ledger/exchange/reply_json.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/output/answer.h"
#include "tools/cli/output/table.h"
#include "tools/cli/spooling/take_in.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

// The outcome of a run as far as its record tells it.
std::string_view spooled_outcome(const SpooledRecord& record) {
  if (record.run.cancelled) return to_string(AttemptOutcome::kCancelled);
  const SpooledAttempt& last = record.run.attempts.back();
  const bool is_known = !record.is_open || last.outcome == AttemptOutcome::kLost;
  return is_known ? to_string(last.outcome) : to_string(RunOutcome::kPending);
}

void write_record(JsonWriter& out, const SpooledItem& item) {
  out.member("file", sanitize(item.name)).member("state", item.state);
  if (!item.trouble.empty()) out.member("trouble", sanitize(item.trouble));
  if (!item.record) return;
  const SpooledRun& run = item.record->run;
  out.member("ledger", sanitize(item.record->ledger)).member("run_id", run.request.run);
  out.member("workspace_id", run.request.workspace).member("tenant_id", run.request.tenant);
  out.member("type", run.request.type).member("requested_at", run.requested_at);
  out.member("attempts", run.attempts.size()).member("outcome", spooled_outcome(*item.record));
}

void write_answer(JsonWriter& out, const Answer& answer) {
  if (const auto* reply = std::get_if<Reply>(&answer)) return write_members(out, *reply);
  out.key("error").begin_object();
  if (const auto* refused = std::get_if<Rejection>(&answer)) {
    out.member("code", refused->code).member("message", refused->detail);
  } else {
    out.member("code", "outcome.unknown").member("message", sanitize(std::get<UnknownOutcome>(answer).what));
  }
  out.end_object();
}

std::string item_to_json(const SpooledItem& item) {
  JsonWriter out;
  out.begin_object();
  if (item.answer && std::holds_alternative<Reply>(*item.answer)) {
    out.member("file", sanitize(item.name));
    write_answer(out, *item.answer);
  } else {
    write_record(out, item);
    if (item.answer) write_answer(out, *item.answer);
  }
  return out.end_object().take();
}

std::string answer_text(const SpooledItem& item) {
  if (const auto* reply = std::get_if<Reply>(&*item.answer)) return reply_sentence(*reply);
  const std::string run = format_uuid(item.record->run.request.run->value);
  if (const auto* refused = std::get_if<Rejection>(&*item.answer))
    return fmt::format("run {} stays in the spool: {}: {}", run, refused->code, refused->detail.str());
  return fmt::format("run {} stays in the spool, and may have been recorded: take it in again", run);
}

class SpoolSubcommand final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "spool",
            .summary = "Lists the runs that exec carried out without the ledger, or takes them in",
            .example = "  runledger spool list\n  runledger spool take"};
  }

  void declare(Options& options) override {
    options.argument("ACTION", "list or take", action_);
    options.flag("--every-ledger", "Also runs that exec meant for another --data or --connect", every_ledger_);
  }

  ExitStatus run(const Context& context) override {
    if (action_ != "list" && action_ != "take") refuse("usage", "expected spool list or spool take");
    const std::optional<Spool> spool = Spool::find(require_spool_path(context));
    const SpoolSelection selection{.ledger = ledger_name(context), .every_ledger = every_ledger_};
    return action_ == "list" ? list(spool, selection, context) : take(spool, selection, context);
  }

 private:
  static ExitStatus list(const std::optional<Spool>& spool, const SpoolSelection& selection, const Context& context) {
    Table table({{"REQUESTED", Fit::kTime, 1},
                 {"STATE", Fit::kWhole, 1},
                 {"TYPE", Fit::kText, 1},
                 "WORKSPACE",
                 "TENANT",
                 {"OUTCOME", Fit::kWhole, 1},
                 {"RUN", Fit::kId, 1}});
    const auto show = [&](const SpooledItem& item) {
      if (context.json()) return context.out.line(item_to_json(item));
      if (!item.record)
        return table.row(
            {{"-"}, {std::string(to_string(item.state))}, {sanitize(item.name).str()}, {"-"}, {"-"}, {"-"}, {"-"}});
      const RunRequest& request = item.record->run.request;
      table.row({{format_time(item.record->run.requested_at)},
                 {std::string(to_string(item.state))},
                 {request.type.str()},
                 {request.workspace->str()},
                 {request.tenant ? request.tenant->str() : "-"},
                 {std::string(spooled_outcome(*item.record))},
                 {format_uuid(request.run->value)}});
    };
    if (spool) list_spool(*spool, selection, show);
    if (!context.json()) table.print(context.out);
    return ExitStatus::kDone;
  }

  // Connects even if there is nothing to do, so that a wrong address shows.
  static ExitStatus take(const std::optional<Spool>& spool, const SpoolSelection& selection, const Context& context) {
    LedgerConnection ledger(context);
    ExitStatus status = ExitStatus::kDone;
    const auto show = [&](const SpooledItem& item) {
      if (context.json()) {
        context.out.line(item_to_json(item));
      } else if (item.answer) {
        context.out.line(answer_text(item));
      } else if (item.state == SpooledState::kDamaged) {
        context.out.line(
            fmt::format("{} is damaged, and stays: {}", sanitize(item.name).str(), sanitize(item.trouble).str()));
      } else {
        context.out.line(fmt::format("{} stays: it is {}", sanitize(item.name).str(), to_string(item.state)));
      }
      status = worse(status, item);
    };
    if (spool) take_in_spool(*spool, selection, ledger.client(), show);
    return status;
  }

  // Damage that is found now comes before a refusal; files that were set aside earlier were told then.
  static ExitStatus worse(ExitStatus before, const SpooledItem& item) {
    if (item.state == SpooledState::kDamaged && !item.trouble.empty()) return ExitStatus::kDamaged;
    if (!item.answer || std::holds_alternative<Reply>(*item.answer) || before != ExitStatus::kDone) return before;
    const auto* refused = std::get_if<Rejection>(&*item.answer);
    return refused != nullptr ? exit_status(*refused) : ExitStatus::kUnknown;
  }

  std::string action_;
  bool every_ledger_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_spool() {
  return std::make_unique<SpoolSubcommand>();
}

}  // namespace runledger
