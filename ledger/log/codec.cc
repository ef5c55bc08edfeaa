// Envelopes to and from their canonical Cap'n Proto bytes.
//
// encode() builds a message after schema/event.capnp: the fields of the envelope, then write() for the kind of event.
// canonical_bytes() (ledger/log/wire.h) then copies the message to its canonical form, in which equal content always
// has equal bytes. decode() goes through read_message(), which bounds what a damaged message can make it do, to
// EventCodec::read(). Both follow the same conventions:
//
// - UUIDs and digests are stored as big-endian words (run0, run1), since fixed fields need no pointer.
// - An optional number or id has a Bool beside it; an optional text is a null pointer.
// - The canonical form cuts default values off at the end of a struct. That is why a field that is added at the end
//   leaves the bytes of all older events as they were.
// - An enumeration has the same numbers in C++ and in the schema. The assertions below compare the last value of each,
//   and reading refuses a greater one.
// - Texts and names were checked before they were stored, so EventCodec restores them without checking them again.
//
// Reading throws "storage.damaged" for everything that encode() cannot have written: an unknown kind, more counts or
// failures than an event may have, or two counts under one key.
#include "ledger/log/codec.h"

#include <algorithm>

#include "ledger/log/wire.h"
#include "ledger/values/sha256.h"
#include "schema/event.capnp.h"

namespace runledger {

using stored::enum_from_wire;
using stored::enum_to_wire;
using stored::to_string;
using stored::to_text;
using stored::uuid_of;
using stored::word_of;

namespace {

// The C++ and the schema side of each enumeration must have the same numbers. A new value breaks the build here until
// both sides have it.
static_assert(enum_to_wire<wire::AttemptOutcome>(AttemptOutcome::kLost) == wire::AttemptOutcome::LOST);
static_assert(enum_to_wire<wire::Disposition>(Disposition::kLate) == wire::Disposition::LATE);
static_assert(enum_to_wire<wire::DedupeRule>(DedupeRule::kNotCanonical) == wire::DedupeRule::NOT_CANONICAL);
static_assert(enum_to_wire<wire::DedupeStage>(DedupeStage::kExecute) == wire::DedupeStage::EXECUTE);
static_assert(enum_to_wire<wire::RunOutcome>(RunOutcome::kCancelled) == wire::RunOutcome::CANCELLED);

void write_failures(capnp::List<wire::FailureNote>::Builder list, const std::vector<FailureNote>& failures) {
  for (unsigned i = 0; i < list.size(); ++i) {
    list[i].setReasonCode(to_text(failures[i].reason_code.str()));
    list[i].setMessage(to_text(failures[i].message.str()));
  }
}

void write(wire::Event::Builder event, const Requested& requested) {
  auto out = event.initRequested();
  const auto& digest = requested.identity.digest.bytes;
  out.setIdentity0(word_of(digest, 0));
  out.setIdentity1(word_of(digest, 1));
  out.setIdentity2(word_of(digest, 2));
  out.setIdentity3(word_of(digest, 3));
  out.setFingerprintVersion(requested.fingerprint_version);
  out.setForced(requested.forced);
  if (requested.rerun_of) {
    out.setHasRerunOf(true);
    out.setRerunOf0(word_of(requested.rerun_of->value.bytes, 0));
    out.setRerunOf1(word_of(requested.rerun_of->value.bytes, 1));
  }
  out.setType(to_text(requested.type.str()));
  out.setInput(to_text(requested.input.canonical()));
  stored::write_policy(out.initPolicy(), requested.policy);
  if (requested.initiator) out.setInitiator(to_text(requested.initiator->str()));
}

void write(wire::Event::Builder event, const Deduped& deduped) {
  auto out = event.initDeduped();
  out.setRule(enum_to_wire<wire::DedupeRule>(deduped.rule));
  out.setStage(enum_to_wire<wire::DedupeStage>(deduped.stage));
  if (deduped.retry_at) {
    out.setHasRetryAt(true);
    out.setRetryAt(deduped.retry_at->unix_us);
  }
  if (deduped.requested_run) {
    out.setHasRequestedRun(true);
    out.setRequestedRun0(word_of(deduped.requested_run->value.bytes, 0));
    out.setRequestedRun1(word_of(deduped.requested_run->value.bytes, 1));
  }
  if (deduped.asked_by) out.setAskedBy(to_text(deduped.asked_by->str()));
}

void write(wire::Event::Builder event, const AttemptStarted& started) {
  auto out = event.initAttemptStarted();
  out.setAttempt(started.attempt.value);
  out.setLease(started.lease.count());
  if (started.key) {
    out.setHasKey(true);
    out.setKey0(word_of(started.key->bytes, 0));
    out.setKey1(word_of(started.key->bytes, 1));
  }
  out.setWorker(to_text(started.worker.str()));
}

void write(wire::Event::Builder event, const AttemptFinished& finished) {
  auto out = event.initAttemptFinished();
  out.setAttempt(finished.attempt.value);
  out.setOutcome(enum_to_wire<wire::AttemptOutcome>(finished.outcome));
  out.setDisposition(enum_to_wire<wire::Disposition>(finished.disposition));
  out.setRetryable(finished.retryable);
  if (finished.not_before) {
    out.setHasNotBefore(true);
    out.setNotBefore(finished.not_before->unix_us);
  }
  if (!finished.summary_counts.empty()) {
    auto list = out.initSummaryCounts(static_cast<unsigned>(finished.summary_counts.size()));
    unsigned i = 0;
    for (const auto& [key, value] : finished.summary_counts) {
      list[i].setKey(to_text(key.str()));
      list[i].setValue(value);
      ++i;
    }
  }
  if (!finished.failures.empty()) {
    write_failures(out.initFailures(static_cast<unsigned>(finished.failures.size())), finished.failures);
  }
}

void write(wire::Event::Builder event, const RunFailed& failed) {
  auto out = event.initRunFailed();
  out.setOutcome(enum_to_wire<wire::RunOutcome>(failed.outcome));
  out.setReasonCode(to_text(failed.reason_code.str()));
  if (!failed.failures.empty()) {
    write_failures(out.initFailures(static_cast<unsigned>(failed.failures.size())), failed.failures);
  }
}

}  // namespace

// Reads events. It is a class because it can make the key that restores checked types (ledger/base/from_log.h).
class EventCodec {
 public:
  static Envelope read(wire::Envelope::Reader in) {
    Envelope envelope;
    envelope.sequence = Sequence{in.getSequence()};
    envelope.run = uuid_of<RunTag>(in.getRun0(), in.getRun1());
    envelope.run_version = RunVersion{in.getRunVersion()};
    envelope.scope.workspace = Workspace(to_string(in.getWorkspace()), from_log());
    if (in.hasTenant()) envelope.scope.tenant = Tenant(to_string(in.getTenant()), from_log());
    envelope.scope_sequence = ScopeSequence{in.getScopeSequence()};
    envelope.recorded_at = Time{in.getRecordedAt()};
    if (in.getHasOccurredAt()) envelope.occurred_at = Time{in.getOccurredAt()};
    envelope.origin = in.getImported() ? Origin::kImported : Origin::kLive;
    if (in.getHasCommand()) envelope.command = uuid_of<CommandTag>(in.getCommand0(), in.getCommand1());
    if (!in.getBody().isClear()) throw_damaged("an event is sealed, which this version cannot have written");
    read_event(in.getBody().getClear(), envelope.event);
    return envelope;
  }

 private:
  static FromLog from_log() { return {}; }

  static void read_event(wire::Event::Reader in, Event& event) {
    switch (in.which()) {
      case wire::Event::REQUESTED:
        return read_requested(in.getRequested(), event.emplace<Requested>());
      case wire::Event::DEDUPED:
        return read_deduped(in.getDeduped(), event.emplace<Deduped>());
      case wire::Event::ATTEMPT_STARTED:
        return read_started(in.getAttemptStarted(), event.emplace<AttemptStarted>());
      case wire::Event::ATTEMPT_FINISHED:
        return read_finished(in.getAttemptFinished(), event.emplace<AttemptFinished>());
      case wire::Event::RUN_FAILED:
        return read_failed(in.getRunFailed(), event.emplace<RunFailed>());
    }
    throw_damaged("an event has a kind that no version has used");
  }

  static void read_requested(wire::Requested::Reader in, Requested& requested) {
    requested.identity =
        stored::identity_of(in.getIdentity0(), in.getIdentity1(), in.getIdentity2(), in.getIdentity3());
    requested.fingerprint_version = in.getFingerprintVersion();
    requested.forced = in.getForced();
    if (in.getHasRerunOf()) requested.rerun_of = uuid_of<RunTag>(in.getRerunOf0(), in.getRerunOf1());
    requested.type = RunType(to_string(in.getType()), from_log());
    requested.input = RunInput(to_string(in.getInput()), from_log());
    requested.policy = stored::read_policy(in.getPolicy());
    if (in.hasInitiator()) requested.initiator = SanitizedText(to_string(in.getInitiator()), from_log());
  }

  static void read_deduped(wire::Deduped::Reader in, Deduped& deduped) {
    deduped.rule = enum_from_wire(in.getRule(), DedupeRule::kNotCanonical);
    deduped.stage = enum_from_wire(in.getStage(), DedupeStage::kExecute);
    if (in.getHasRetryAt()) deduped.retry_at = Time{in.getRetryAt()};
    if (in.getHasRequestedRun()) {
      deduped.requested_run = uuid_of<RunTag>(in.getRequestedRun0(), in.getRequestedRun1());
    }
    if (in.hasAskedBy()) deduped.asked_by = SanitizedText(to_string(in.getAskedBy()), from_log());
  }

  static void read_started(wire::AttemptStarted::Reader in, AttemptStarted& started) {
    started.attempt = AttemptNumber{in.getAttempt()};
    started.lease = Duration{in.getLease()};
    if (in.getHasKey()) started.key = stored::digest_of(in.getKey0(), in.getKey1());
    started.worker = SanitizedText(to_string(in.getWorker()), from_log());
  }

  static void read_finished(wire::AttemptFinished::Reader in, AttemptFinished& finished) {
    finished.attempt = AttemptNumber{in.getAttempt()};
    finished.outcome = enum_from_wire(in.getOutcome(), AttemptOutcome::kLost);
    finished.disposition = enum_from_wire(in.getDisposition(), Disposition::kLate);
    finished.retryable = in.getRetryable();
    if (in.getHasNotBefore()) finished.not_before = Time{in.getNotBefore()};
    const auto counts = in.getSummaryCounts();
    if (counts.size() > kCountKeysMax) throw_damaged("an event has more counts than an event may have");
    for (const auto count : counts) {
      // The counts are stored in the order of their keys, so each belongs at the end of the map.
      const auto before = finished.summary_counts.size();
      finished.summary_counts.emplace_hint(finished.summary_counts.end(),
                                           CountKey(to_string(count.getKey()), from_log()), count.getValue());
      if (finished.summary_counts.size() == before) throw_damaged("an event has two counts of the same key");
    }
    read_failures(in.getFailures(), finished.failures);
  }

  static void read_failed(wire::RunFailed::Reader in, RunFailed& failed) {
    failed.outcome = enum_from_wire(in.getOutcome(), RunOutcome::kCancelled);
    failed.reason_code = ReasonCode(to_string(in.getReasonCode()), from_log());
    read_failures(in.getFailures(), failed.failures);
  }

  static void read_failures(capnp::List<wire::FailureNote>::Reader in, std::vector<FailureNote>& failures) {
    if (in.size() > kFailuresPerEventMax) throw_damaged("an event has more failures than an event may have");
    failures.reserve(in.size());
    for (const auto note : in) {
      failures.push_back({ReasonCode(to_string(note.getReasonCode()), from_log()),
                          SanitizedText(to_string(note.getMessage()), from_log())});
    }
  }
};

std::string encode(const Envelope& envelope) {
  capnp::word scratch[256] = {};  // Large enough for most events, so that building one does not allocate.
  capnp::MallocMessageBuilder message(kj::arrayPtr(scratch, std::size(scratch)));
  auto out = message.initRoot<wire::Envelope>();
  out.setSequence(envelope.sequence.value);
  out.setRun0(word_of(envelope.run.value.bytes, 0));
  out.setRun1(word_of(envelope.run.value.bytes, 1));
  out.setRunVersion(envelope.run_version.value);
  out.setScopeSequence(envelope.scope_sequence.value);
  out.setRecordedAt(envelope.recorded_at.unix_us);
  out.setImported(envelope.origin == Origin::kImported);
  if (envelope.occurred_at) {
    out.setHasOccurredAt(true);
    out.setOccurredAt(envelope.occurred_at->unix_us);
  }
  if (envelope.command) {
    out.setHasCommand(true);
    out.setCommand0(word_of(envelope.command->value.bytes, 0));
    out.setCommand1(word_of(envelope.command->value.bytes, 1));
  }
  out.setWorkspace(to_text(envelope.scope.workspace.str()));
  if (envelope.scope.tenant) out.setTenant(to_text(envelope.scope.tenant->str()));
  std::visit([event = out.getBody().initClear()](const auto& kind) { write(event, kind); }, envelope.event);
  return stored::canonical_bytes(out);
}

Envelope decode(std::string_view stored) {
  return stored::read_message<wire::Envelope>(stored, &EventCodec::read);
}

EventId event_id(std::string_view stored) {
  const Digest<32> digest = sha256({stored});
  Uuid id;
  std::copy_n(digest.bytes.begin(), id.bytes.size(), id.bytes.begin());
  return {custom_uuid(id)};
}

}  // namespace runledger
