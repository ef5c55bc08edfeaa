// Adds up inputs, texts, counts and failures; everything else has a fixed size.
#include "ledger/queued_bytes.h"

namespace runledger {
namespace {

constexpr std::size_t kNamesMax = 512;     // Scope and type, in case their text is not inside the object.
constexpr std::size_t kCountMemory = 128;  // A count with its key and its place in the map.

std::size_t size_of(const std::optional<SanitizedText>& text) {
  return text ? text->str().size() : 0;
}

std::size_t size_of(const std::vector<FailureNote>& failures) {
  std::size_t size = 0;
  for (const FailureNote& each : failures) size += sizeof(each) + each.message.str().size();
  return size;
}

std::size_t size_of(const Labels& labels) {
  std::size_t size = 0;
  for (const auto& each : labels) size += sizeof(each) + each.first.str().size() + each.second.str().size();
  return size;
}

// The bytes of a command or an event that are outside of the object itself.
struct LongParts {
  std::size_t operator()(const RequestRun& of) const {
    return of.input.canonical().size() + size_of(of.initiator) + size_of(of.labels);
  }
  std::size_t operator()(const StartAttempt& of) const { return of.worker.str().size(); }
  std::size_t operator()(const StartByIdentity& of) const { return (*this)(of.request) + of.worker.str().size(); }
  std::size_t operator()(const Heartbeat& of) const { return of.progress ? of.progress->size() * kCountMemory : 0; }
  std::size_t operator()(const FinishAttempt& of) const {
    return of.summary_counts.size() * kCountMemory + size_of(of.failures);
  }
  std::size_t operator()(const FailRun& of) const { return of.message.str().size() + size_of(of.initiator); }
  std::size_t operator()(const ExpireLease&) const { return 0; }
  std::size_t operator()(const ClaimRun& of) const { return of.worker.str().size(); }
  std::size_t operator()(const AdoptRun&) const { return 0; }
  std::size_t operator()(const RecordSpooledRun& of) const {
    std::size_t size = (*this)(of.request) + of.worker.str().size();
    for (const SpooledAttempt& each : of.attempts)
      size += sizeof(each) + each.summary_counts.size() * kCountMemory + size_of(each.failures);
    return size;
  }

  std::size_t operator()(const Requested& of) const {
    return of.input.canonical().size() + size_of(of.initiator) + size_of(of.labels);
  }
  std::size_t operator()(const Deduped& of) const { return size_of(of.asked_by); }
  std::size_t operator()(const AttemptStarted& of) const { return of.worker.str().size(); }
  std::size_t operator()(const AttemptFinished& of) const {
    return of.summary_counts.size() * kCountMemory + size_of(of.failures);
  }
  std::size_t operator()(const RunFailed& of) const { return size_of(of.failures) + size_of(of.initiator); }
  std::size_t operator()(const RunAdopted&) const { return 0; }
  std::size_t operator()(const Restored&) const { return 0; }
  std::size_t operator()(const Erased& of) const { return of.reason.str().size(); }
  std::size_t operator()(const Recovered& of) const { return of.damage.str().size(); }
};

}  // namespace

std::size_t queued_bytes(const Submission& submission) {
  return sizeof(submission) + kNamesMax + (submission.starter ? submission.starter->size() : 0) +
         std::visit(LongParts{}, submission.command);
}

std::size_t queued_bytes(const EraseContent& erase) {
  return sizeof(erase) + kNamesMax + erase.reason.str().size();
}

std::size_t queued_bytes(const std::vector<Envelope>& envelopes) {
  std::size_t bytes = 0;
  for (const Envelope& each : envelopes) bytes += sizeof(each) + kNamesMax + std::visit(LongParts{}, each.event);
  return bytes;
}

}  // namespace runledger
