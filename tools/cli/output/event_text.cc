// Holds the wording of each kind of event.
#include "tools/cli/output/event_text.h"

#include <fmt/format.h>

#include "tools/cli/output/terminal_layout.h"

namespace runledger {
namespace {

std::string named(const SanitizedText& text) {
  return text.empty() ? "an unnamed worker" : text.str();
}

std::string failures_text(const std::vector<FailureNote>& failures) {
  std::string text;
  for (const FailureNote& failure : failures) text += "; " + failure_text(failure);
  return text;
}

// The name of a person or worker after `lead`; empty when there is none.
std::string by_name(std::string_view lead, const std::optional<SanitizedText>& name) {
  return name && !name->empty() ? std::string(lead) + name->str() : std::string();
}

std::string text_of(const Requested& requested, TimeText) {
  std::string text = fmt::format("requested {}", requested.type.str());
  text += by_name(" by ", requested.initiator);
  if (requested.forced) text += ", forced";
  if (requested.rerun_of) text += ", a rerun of " + format_uuid(requested.rerun_of->value);
  if (requested.ancestors) text += ", a child of " + format_uuid(requested.ancestors->parent.value);
  if (!requested.labels.empty()) text += " [" + labels_text(requested.labels) + "]";
  return fmt::format("{}, up to {} attempts", text, requested.policy.max_attempts);
}

std::string text_of(const Deduped& deduped, TimeText time_text) {
  std::string text = deduped.stage == DedupeStage::kDispatch ? "a request was deduped" : "a start was skipped";
  text += fmt::format(" ({})", to_string(deduped.rule));
  text += by_name(", asked by ", deduped.asked_by);
  if (deduped.retry_at) text += ", not again before " + time_text(*deduped.retry_at);
  return text;
}

std::string text_of(const AttemptStarted& started, TimeText) {
  return fmt::format("attempt {} started by {}, lease {}", started.attempt.value, named(started.worker),
                     duration_text(started.lease));
}

std::string text_of(const AttemptFinished& finished, TimeText time_text) {
  std::string text = fmt::format("attempt {} {}", finished.attempt.value, to_string(finished.outcome));
  if (finished.outcome == AttemptOutcome::kLost) text += " (its lease ran out)";
  if (!finished.summary_counts.empty()) text += " [" + counts_text(finished.summary_counts) + "]";
  if (finished.disposition == Disposition::kLate) text += ", too late to count";
  if (finished.disposition == Disposition::kRetries) text += ", will be retried";
  if (finished.disposition == Disposition::kExhausts) text += ", no further attempt";
  if (finished.not_before) text += " not before " + time_text(*finished.not_before);
  return text + failures_text(finished.failures);
}

std::string text_of(const RunFailed& failed, TimeText) {
  return fmt::format("ended as {} ({}){}{}", to_string(failed.outcome), failed.reason_code.str(),
                     by_name(" by ", failed.initiator), failures_text(failed.failures));
}

std::string text_of(const RunAdopted&, TimeText) {
  return "adopted: taken over from the journal that left it open";
}

std::string text_of(const Restored& restored, TimeText time_text) {
  const std::string mark = restored.outside_mark.value == 0
                               ? std::string()
                               : fmt::format("; the lost ledger had come to {}", restored.outside_mark.value);
  return fmt::format("the ledger was restored from the backup of {}{}; numbers of scopes move on by {}",
                     time_text(restored.backup_made_at), mark, restored.skipped);
}

std::string text_of(const Recovered& recovered, TimeText) {
  const std::string lost =
      recovered.outside_mark.value <= recovered.kept
          ? std::string()
          : fmt::format("; {} events up to {} are lost", recovered.outside_mark.value - recovered.kept,
                        recovered.outside_mark.value);
  return fmt::format(
      "the ledger was recovered from a damaged one with its first {} events{}: {}; numbers of scopes "
      "move on by {}",
      recovered.kept, lost, recovered.damage.str(), recovered.skipped);
}

std::string text_of(const Erased& erased, TimeText) {
  return fmt::format("what {} had written so far was erased: {}", scope_text(erased.scope), erased.reason.str());
}

std::string line_of(const Envelope& envelope, TimeText time_text, std::string_view run) {
  const bool is_of_run = !is_of_ledger(envelope.event);
  return fmt::format("{:>8}  {}  {}  {}  {}{}", envelope.sequence.value, time_text(envelope.happened_at()),
                     is_of_run ? scope_text(envelope.scope) : "-", is_of_run ? run : "-",
                     event_text(envelope, time_text), envelope.sealed.is_readable ? "" : "; its content is sealed");
}

}  // namespace

std::string event_text(const Envelope& envelope, TimeText time_text) {
  return std::visit([time_text](const auto& event) { return text_of(event, time_text); }, envelope.event);
}

std::string envelope_text(const Envelope& envelope) {
  return line_of(envelope, format_time, format_uuid(envelope.run.value));
}

std::string brief_envelope_text(const Envelope& envelope) {
  return line_of(envelope, local_time, format_uuid(envelope.run.value).substr(0, kShortIdMin));
}

std::string scope_text(const Scope& scope) {
  return scope.tenant ? scope.workspace.str() + "/" + scope.tenant->str() : scope.workspace.str();
}

std::string counts_text(const Counts& counts) {
  std::string text;
  for (const auto& [key, count] : counts) text += fmt::format("{}{}={}", text.empty() ? "" : " ", key.str(), count);
  return text;
}

std::string labels_text(const Labels& labels) {
  std::string text;
  for (const auto& [key, value] : labels)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", key.str(), value.str());
  return text;
}

std::string failure_text(const FailureNote& failure) {
  if (failure.message.empty()) return failure.reason_code.str();
  return fmt::format("{}: {}", failure.reason_code.str(), failure.message.str());
}

std::string duration_text(Duration duration) {
  return fmt::format("{:g} s", in_seconds(duration));
}

}  // namespace runledger
