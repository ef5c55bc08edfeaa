// Writes one line for each note.
#include "tools/cli/output/work_log.h"

#include <string>

#include "tools/cli/output/event_text.h"

namespace runledger {
namespace {

class NoteWriter {
 public:
  explicit NoteWriter(OperationsLog& log) : log_(log) {}

  void operator()(const RunTaken& taken) const {
    log_.write(LogLevel::kInfo, "run-taken",
               {{"run", format_uuid(taken.run.value)},
                {"attempt", taken.attempt.value},
                {"type", taken.type.str()},
                {"workspace", taken.scope.workspace.str()},
                {"tenant", taken.scope.tenant ? std::string_view(taken.scope.tenant->str()) : std::string_view()}});
  }

  void operator()(const RunEnded& ended) const {
    const TrackedEnd& end = ended.end;
    if (!end.answer) return lost(ended.what, *end.lost);
    if (const auto* rejection = std::get_if<Rejection>(&*end.answer))
      return left(ended.what, rejection->code, rejection->detail.str());
    if (const auto* unknown = std::get_if<UnknownOutcome>(&*end.answer))
      return left(ended.what, "outcome.unknown", unknown->what);
    finished(ended, std::get<Reply>(*end.answer));
  }

  void operator()(const RunLeft& run) const { left(run.what, run.code, run.why); }

  void operator()(const ClaimsFail& fail) const {
    log_.write(LogLevel::kError, "claims-fail", {{"code", fail.code}, {"message", fail.why}});
  }
  void operator()(const ClaimsWork&) const { log_.write(LogLevel::kInfo, "claims-work"); }

 private:
  void finished(const RunEnded& ended, const Reply& reply) const {
    const JobReport& report = ended.end.report;
    const std::string_view event = reply.verdict == Verdict::kLate ? "run-ended-late" : "run-ended";
    const std::string id = format_uuid(ended.what.run.value);
    const std::string counted = counts_text(report.summary_counts);
    const LogField run{"run", id};
    const LogField attempt{"attempt", ended.what.attempt.value};
    const LogField outcome{"outcome", to_string(report.outcome)};
    const LogField status{"status", to_string(reply.status)};
    const LogField counts{"counts", counted};
    const LogField took{"milliseconds", static_cast<std::uint64_t>(ended.took.count())};
    if (report.failures.empty())
      return log_.write(LogLevel::kInfo, event, {run, attempt, outcome, status, counts, took});
    const FailureNote& why = report.failures.front();
    log_.write(LogLevel::kWarning, event,
               {run,
                attempt,
                outcome,
                status,
                counts,
                took,
                {"reason_code", why.reason_code.str()},
                {"message", why.message.str()}});
  }

  // The attempt was lost: the run belongs to another worker, or to no worker.
  void lost(const RunTaken& what, const Rejection& why) const {
    log_.write(LogLevel::kWarning, "run-lost",
               {{"run", format_uuid(what.run.value)},
                {"attempt", what.attempt.value},
                {"code", why.code},
                {"message", why.detail.str()}});
  }
  // The ledger does not know how the attempt ended, so its lease must run out.
  void left(const RunTaken& what, std::string_view code, std::string_view why) const {
    log_.write(
        LogLevel::kError, "run-left",
        {{"run", format_uuid(what.run.value)}, {"attempt", what.attempt.value}, {"code", code}, {"message", why}});
  }

  OperationsLog& log_;
};

}  // namespace

void write_note(OperationsLog& log, const WorkerNote& note) {
  std::visit(NoteWriter(log), note);
}

}  // namespace runledger
