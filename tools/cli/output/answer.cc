// Prints answers as JSON and as sentences.
#include "tools/cli/output/answer.h"

#include <fmt/format.h>

#include <utility>

#include "ledger/base/failure.h"
#include "ledger/exchange/reply_json.h"
#include "tools/cli/ledger_connection.h"

namespace runledger {
namespace {

std::string why(const Reply& reply) {
  if (!reply.rule) return "the daemon names no rule";  // One of an earlier version.
  switch (*reply.rule) {
    case DedupeRule::kActiveRun:
      return "the same request has an active run";
    case DedupeRule::kCooldown:
      return "the same request ended less than its cooldown ago";
    case DedupeRule::kSameRun:
      return "this run had been asked for";
    case DedupeRule::kAttemptActive:
      return "another attempt of it is alive";
    case DedupeRule::kRunCompleted:
      return "it is completed";
    case DedupeRule::kNotCanonical:
      return "another run holds its identity";
    case DedupeRule::kNotDue:
      return "its retry is not due yet";
  }
  return {};
}

std::string rule_text(const Reply& reply) {
  return fmt::format("{}{}", why(reply), reply.rule ? fmt::format(" ({})", to_string(*reply.rule)) : "");
}

std::string next_attempt(const Reply& reply) {
  return reply.retry_after ? fmt::format("; its next attempt is due in {} s", whole_seconds(*reply.retry_after)) : "";
}

std::string reply_to_text(const Reply& reply) {
  const std::string run = format_uuid(reply.run.value);
  const std::string retry =
      reply.retry_after ? fmt::format("; ask again in {} s", whole_seconds(*reply.retry_after)) : std::string();
  switch (reply.verdict) {
    case Verdict::kRequested:
      return fmt::format("requested run {}", run);
    case Verdict::kDeduped:
      return fmt::format("deduped: run {}, because {}{}", run, rule_text(reply), retry);
    case Verdict::kStarted:
      return fmt::format("started attempt {} of run {}, token {}", reply.attempt.value, run, reply.token.value);
    case Verdict::kSkipped:
      return fmt::format("skipped: do not work on run {}, because {}{}", run, rule_text(reply), retry);
    case Verdict::kFinished:
      return fmt::format("finished attempt {} of run {}; it is {} ({}){}", reply.attempt.value, run,
                         to_string(reply.status), to_string(reply.outcome), next_attempt(reply));
    case Verdict::kLate:
      return fmt::format("late: recorded for attempt {} of run {}, without effect; it is {} ({})", reply.attempt.value,
                         run, to_string(reply.status), to_string(reply.outcome));
    case Verdict::kFailed:
    case Verdict::kCancelled:
      return fmt::format("ended run {} ({})", run, to_string(reply.outcome));
    case Verdict::kAlive:
      return fmt::format("alive: attempt {} of run {}", reply.attempt.value, run);
    case Verdict::kExpired:
      return fmt::format("expired: attempt {} of run {} is lost; it is {} ({}){}", reply.attempt.value, run,
                         to_string(reply.status), to_string(reply.outcome), next_attempt(reply));
  }
  return {};
}

}  // namespace

Reply require_reply(const Answer& answer) {
  if (const auto* rejection = std::get_if<Rejection>(&answer)) throw RefusedWith(*rejection, exit_status(*rejection));
  if (const auto* unknown = std::get_if<UnknownOutcome>(&answer))
    throw Failure(Remedy::kAskLedger, "outcome.unknown", unknown->what);
  return std::get<Reply>(answer);
}

std::string reply_sentence(const Reply& reply) {
  return reply_to_text(reply) + (reply.repeated ? " (had been carried out before)" : "");
}

void print_warnings(const Reply& reply) {
  for (const Warning& warning : reply.warnings)
    write_stderr(fmt::format("runledger: warning: {}: {}\n", warning.code, warning.path));
}

void print_reply(const Context& context, const Reply& reply) {
  if (!context.json()) print_warnings(reply);
  context.out.line(context.json() ? reply_to_json(reply) : reply_sentence(reply));
}

ExitStatus status_of_reply(const Reply& reply, bool asked) {
  const bool nothing_new = reply.verdict == Verdict::kDeduped || reply.verdict == Verdict::kSkipped;
  return asked && nothing_new ? ExitStatus::kDeduped : ExitStatus::kDone;
}

}  // namespace runledger
