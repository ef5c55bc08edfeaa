// Answers as JSON and as sentences.
#include "tools/cli/answer.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "ledger/failure.h"

namespace runledger {
namespace {

nlohmann::ordered_json reply_to_json(const Reply& reply) {
  nlohmann::ordered_json json;
  json["decision"] = to_string(reply.verdict);
  json["rule"] = reply.rule ? nlohmann::ordered_json(to_string(*reply.rule)) : nullptr;
  json["run_id"] = format_uuid(reply.run.value);
  const bool attempt_meant = reply.attempt.value != 0;
  json["attempt"] = attempt_meant ? nlohmann::ordered_json(reply.attempt.value) : nullptr;
  json["token"] = reply.token.value != 0 ? nlohmann::ordered_json(reply.token.value) : nullptr;
  json["retry_after"] = reply.retry_after ? nlohmann::ordered_json(whole_seconds(*reply.retry_after)) : nullptr;
  json["sequence"] = reply.sequence.value != 0 ? nlohmann::ordered_json(reply.sequence.value) : nullptr;
  json["status"] = to_string(reply.status);
  json["outcome"] = to_string(reply.outcome);
  json["repeated"] = reply.repeated;
  return json;
}

std::string why(const Reply& reply) {
  if (!reply.rule) return "its last attempt was lost, and none is left";
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
      return fmt::format("ended run {} ({})", run, to_string(reply.outcome));
    case Verdict::kAlive:
      return fmt::format("alive: attempt {} of run {}", reply.attempt.value, run);
  }
  return {};
}

}  // namespace

Reply carry_out(Ledger& ledger, Submission submission) {
  const Answer answer = ledger.sequencer().submit(std::move(submission)).get();
  if (const auto* rejection = std::get_if<Rejection>(&answer)) throw Refused(*rejection, exit_status(*rejection));
  if (const auto* unknown = std::get_if<UnknownOutcome>(&answer))
    throw Failure(Remedy::kAskLedger, "outcome.unknown", unknown->what);
  return std::get<Reply>(answer);
}

void print_reply(const Context& context, const Reply& reply) {
  if (context.json()) return context.out.line(reply_to_json(reply).dump());
  context.out.line(reply_to_text(reply) + (reply.repeated ? " (had been carried out before)" : ""));
}

ExitStatus status_of_reply(const Reply& reply, bool asked) {
  const bool nothing_new = reply.verdict == Verdict::kDeduped || reply.verdict == Verdict::kSkipped;
  return asked && nothing_new ? ExitStatus::kDeduped : ExitStatus::kDone;
}

std::int64_t whole_seconds(Duration duration) {
  return std::chrono::ceil<std::chrono::seconds>(std::max(duration, Duration::zero())).count();
}

}  // namespace runledger
