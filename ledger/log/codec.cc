// Envelopes to and from their canonical Cap'n Proto bytes.
//
// encode() builds a message after schema/event.capnp: the fields of the envelope, then write() for the kind of event.
// packed_bytes() (ledger/log/wire.h) then packs its canonical form, in which equal content always has equal bytes.
// decode() goes through read_packed(), which bounds what a damaged message can make it do, to EventCodec::read(). Both
// follow the same conventions:
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
// failures than an event may have, or two counts under one key. The kinds that the schema reserves for later versions
// are no damage: they throw "ledger.format_newer".
//
// A content may be sealed (ledger/sealing/sealed_content.h): the message of a Content alone, packed, compressed and
// encrypted. Nonces are random, so the sealed bytes cannot be made again: an envelope keeps them, and encode() writes
// them back.
#include "ledger/log/codec.h"

#include <fmt/format.h>

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
static_assert(enum_to_wire<wire::DedupeRule>(DedupeRule::kNotDue) == wire::DedupeRule::NOT_DUE);
static_assert(enum_to_wire<wire::DedupeStage>(DedupeStage::kExecute) == wire::DedupeStage::EXECUTE);
static_assert(enum_to_wire<wire::CallerKind>(CallerKind::kHidden) == wire::CallerKind::HIDDEN);
static_assert(enum_to_wire<wire::RunOutcome>(RunOutcome::kCancelled) == wire::RunOutcome::CANCELLED);

// What a sealed content is bound to: it opens as that of no other event.
std::string associated_with(wire::Envelope::Reader envelope) {
  std::string associated = to_string(envelope.getWorkspace()) + '\0' + to_string(envelope.getTenant()) + '\0';
  append_big_endian(associated, envelope.getRun0());
  append_big_endian(associated, envelope.getRun1());
  append_big_endian(associated, envelope.getRunVersion());
  return associated;
}

// Writes an event's facts and content. A content that would be empty is not written at all.
class EventWriter {
 public:
  explicit EventWriter(wire::Envelope::Builder out) : facts_(out.getFacts()), envelope_(out) {}

  void operator()(const Requested& requested) {
    auto out = facts_.initRequested();
    const auto& identity = requested.identity.digest.bytes;
    out.setIdentity0(word_of(identity, 0));
    out.setIdentity1(word_of(identity, 1));
    out.setIdentity2(word_of(identity, 2));
    out.setIdentity3(word_of(identity, 3));
    write_digest(out, requested.digest);
    out.setFingerprintVersion(requested.fingerprint_version);
    out.setForced(requested.forced);
    if (requested.rerun_of) {
      out.setHasRerunOf(true);
      out.setRerunOf0(word_of(requested.rerun_of->value.bytes, 0));
      out.setRerunOf1(word_of(requested.rerun_of->value.bytes, 1));
    }
    if (requested.ancestors) {
      out.setHasParent(true);
      out.setParent0(word_of(requested.ancestors->parent.value.bytes, 0));
      out.setParent1(word_of(requested.ancestors->parent.value.bytes, 1));
      out.setRoot0(word_of(requested.ancestors->root.value.bytes, 0));
      out.setRoot1(word_of(requested.ancestors->root.value.bytes, 1));
    }
    out.setType(to_text(requested.type.str()));
    stored::write_policy(out.initPolicy(), requested.policy);
    if (requested.input != RunInput()) content().setInput(to_text(requested.input.canonical()));
    if (requested.initiator) content().setInitiator(to_text(requested.initiator->str()));
    if (!requested.labels.empty()) {
      stored::write_labels(content().initLabels(static_cast<unsigned>(requested.labels.size())), requested.labels);
    }
    if (requested.traceparent) {
      const auto& bytes = requested.traceparent->bytes;
      content().setTraceparent(kj::arrayPtr(bytes.data(), bytes.size()));
    }
  }

  void operator()(const Deduped& deduped) {
    auto out = facts_.initDeduped();
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
    if (deduped.starter) {
      out.setHasStarter(true);
      out.setStarter0(word_of(deduped.starter->bytes, 0));
      out.setStarter1(word_of(deduped.starter->bytes, 1));
    }
    if (deduped.stands_until) {
      out.setHasStandsUntil(true);
      out.setStandsUntil(deduped.stands_until->unix_us);
    }
    if (deduped.asked_by) content().setInitiator(to_text(deduped.asked_by->str()));
  }

  void operator()(const AttemptStarted& started) {
    auto out = facts_.initAttemptStarted();
    out.setAttempt(started.attempt.value);
    out.setLease(started.lease.count());
    if (started.key) {
      out.setHasKey(true);
      out.setKey0(word_of(started.key->bytes, 0));
      out.setKey1(word_of(started.key->bytes, 1));
    }
    if (started.starter) {
      out.setHasStarter(true);
      out.setStarter0(word_of(started.starter->bytes, 0));
      out.setStarter1(word_of(started.starter->bytes, 1));
    }
    if (!started.worker.str().empty()) content().setWorker(to_text(started.worker.str()));
  }

  void operator()(const AttemptFinished& finished) {
    auto out = facts_.initAttemptFinished();
    out.setAttempt(finished.attempt.value);
    out.setOutcome(enum_to_wire<wire::AttemptOutcome>(finished.outcome));
    out.setDisposition(enum_to_wire<wire::Disposition>(finished.disposition));
    out.setRetryable(finished.retryable);
    if (finished.not_before) {
      out.setHasNotBefore(true);
      out.setNotBefore(finished.not_before->unix_us);
    }
    write_digest(out, finished.digest);
    if (!finished.summary_counts.empty()) {
      stored::write_counts(out.initSummaryCounts(static_cast<unsigned>(finished.summary_counts.size())),
                           finished.summary_counts);
    }
    write_failures(out, finished.failures);
  }

  void operator()(const RunFailed& failed) {
    auto out = facts_.initRunFailed();
    out.setOutcome(enum_to_wire<wire::RunOutcome>(failed.outcome));
    write_digest(out, failed.digest);
    out.setReasonCode(to_text(failed.reason_code.str()));
    write_failures(out, failed.failures);
    if (failed.initiator) content().setInitiator(to_text(failed.initiator->str()));
  }

  void operator()(const RunAdopted&) { facts_.initAdopted(); }

  void operator()(const Erased& erased) {
    auto out = facts_.initErased();
    out.setWorkspace(to_text(erased.scope.workspace.str()));
    out.setTenant(to_text(erased.scope.tenant.value().str()));
    out.setReason(to_text(erased.reason.str()));
    auto keys = out.initKeys(static_cast<unsigned>(erased.keys.size()));
    for (unsigned i = 0; i < keys.size(); ++i) keys.set(i, erased.keys[i]);
  }

  void operator()(const Recovered& recovered) {
    auto out = facts_.initRecovered();
    out.setSkipped(recovered.skipped);
    out.setOutsideMark(recovered.outside_mark.value);
    out.setKept(recovered.kept);
    out.setGivenUp(recovered.given_up);
    if (!recovered.damage.str().empty()) out.setDamage(to_text(recovered.damage.str()));
  }

  void operator()(const Restored& restored) {
    auto out = facts_.initRestored();
    out.setSkipped(restored.skipped);
    out.setOutsideMark(restored.outside_mark.value);
    out.setBackupMadeAt(restored.backup_made_at.unix_us);
  }

 private:
  wire::Content::Builder content() {
    auto content = envelope_.getContent();
    return content.hasClear() ? content.getClear() : content.initClear();
  }

  template <class Kind>
  static void write_digest(Kind out, const ContentDigest& digest) {
    out.setDigest0(word_of(digest.bytes, 0));
    out.setDigest1(word_of(digest.bytes, 1));
  }

  template <class Kind>
  void write_failures(Kind out, const std::vector<FailureNote>& failures) {
    if (failures.empty()) return;
    const auto size = static_cast<unsigned>(failures.size());
    auto codes = out.initReasonCodes(size);
    for (unsigned i = 0; i < size; ++i) codes.set(i, to_text(failures[i].reason_code.str()));
    const auto is_empty = [](const FailureNote& failure) { return failure.message.str().empty(); };
    if (std::all_of(failures.begin(), failures.end(), is_empty)) return;
    auto messages = content().initMessages(size);
    for (unsigned i = 0; i < size; ++i) messages.set(i, to_text(failures[i].message.str()));
  }

  wire::Envelope::Facts::Builder facts_;
  wire::Envelope::Builder envelope_;
};

}  // namespace

// Reads events. It is a class because it can make the key that restores checked types (ledger/base/from_log.h).
class EventCodec {
 public:
  static Envelope read(wire::Envelope::Reader in, const SealKeys* keys) {
    Envelope envelope;
    // The kind comes first: a newer version may have put anything into the other fields of its own kinds.
    refuse_reserved(in.getFacts().which());
    read_with_content(in, keys, envelope);
    envelope.run = uuid_of<RunTag>(in.getRun0(), in.getRun1());
    envelope.run_version = RunVersion{in.getRunVersion()};
    envelope.scope.workspace = Workspace(to_string(in.getWorkspace()), from_log());
    if (in.hasTenant()) envelope.scope.tenant = Tenant(to_string(in.getTenant()), from_log());
    envelope.scope_sequence = ScopeSequence{in.getScopeSequence()};
    envelope.previous = ScopeSequence{in.getPrevious()};
    envelope.recorded_at = Time{in.getRecordedAt()};
    if (in.getHasOccurredAt()) envelope.occurred_at = Time{in.getOccurredAt()};
    envelope.origin = in.getImported() ? Origin::kImported : Origin::kLive;
    envelope.caller = stored::read_caller(in);
    if (in.getHasCommand()) envelope.command = uuid_of<CommandTag>(in.getCommand0(), in.getCommand1());
    return envelope;
  }

 private:
  static FromLog from_log() { return {}; }

  static void refuse_reserved(wire::Envelope::Facts::Which kind) {
    if (kind == wire::Envelope::Facts::AUDIT_KEY_ROTATED) throw_newer("the kind audit-key-rotated");
  }

  static void read_with_content(wire::Envelope::Reader in, const SealKeys* keys, Envelope& envelope) {
    const auto content = in.getContent();
    if (content.isClear()) return read_event(in.getFacts(), content.getClear(), envelope.event);
    if (!content.isSealed()) throw_newer("a content of an unknown kind");
    const auto sealed = content.getSealed().asChars();
    envelope.sealed.bytes.assign(sealed.begin(), sealed.size());
    (void)key_of(envelope.sealed.bytes);  // Its form is known, whether or not the key is.
    std::optional<std::string> opened;
    if (keys != nullptr) opened = keys->open(envelope.sealed.bytes, associated_with(in));
    if (opened) {
      stored::read_packed_within<wire::Content>(
          *opened, [&](wire::Content::Reader within) { read_event(in.getFacts(), within, envelope.event); });
    } else if (in.hasOpened()) {
      read_event(in.getFacts(), in.getOpened(), envelope.event);
    } else {
      envelope.sealed.is_readable = false;
      read_event(in.getFacts(), wire::Content::Reader(), envelope.event);
    }
  }

  static void read_event(wire::Envelope::Facts::Reader in, wire::Content::Reader content, Event& event) {
    switch (in.which()) {
      case wire::Envelope::Facts::REQUESTED:
        return read_requested(in.getRequested(), content, event.emplace<Requested>());
      case wire::Envelope::Facts::DEDUPED:
        return read_deduped(in.getDeduped(), content, event.emplace<Deduped>());
      case wire::Envelope::Facts::ATTEMPT_STARTED:
        return read_started(in.getAttemptStarted(), content, event.emplace<AttemptStarted>());
      case wire::Envelope::Facts::ATTEMPT_FINISHED:
        return read_finished(in.getAttemptFinished(), content, event.emplace<AttemptFinished>());
      case wire::Envelope::Facts::RUN_FAILED:
        return read_failed(in.getRunFailed(), content, event.emplace<RunFailed>());
      case wire::Envelope::Facts::RESTORED:
        return read_restored(in.getRestored(), event.emplace<Restored>());
      case wire::Envelope::Facts::ADOPTED:
        event.emplace<RunAdopted>();
        return;
      case wire::Envelope::Facts::ERASED:
        return read_erased(in.getErased(), event.emplace<Erased>());
      case wire::Envelope::Facts::RECOVERED:
        return read_recovered(in.getRecovered(), event.emplace<Recovered>());
      case wire::Envelope::Facts::AUDIT_KEY_ROTATED:
        break;  // See refuse_reserved().
    }
    throw_damaged("an event has a kind that no version has used");
  }

  [[noreturn]] static void throw_newer(std::string_view found) {
    throw Failure(
        Remedy::kCallOperator, "ledger.format_newer",
        fmt::format("expected an event that this version of the program knows, found {}, which a newer version "
                    "wrote: use a newer version of this program",
                    found));
  }

  static void read_requested(wire::Requested::Reader in, wire::Content::Reader content, Requested& requested) {
    requested.identity =
        stored::identity_of(in.getIdentity0(), in.getIdentity1(), in.getIdentity2(), in.getIdentity3());
    requested.digest = stored::digest_of(in.getDigest0(), in.getDigest1());
    requested.fingerprint_version = in.getFingerprintVersion();
    requested.forced = in.getForced();
    if (in.getHasRerunOf()) requested.rerun_of = uuid_of<RunTag>(in.getRerunOf0(), in.getRerunOf1());
    requested.type = RunType(to_string(in.getType()), from_log());
    requested.policy = stored::read_policy(in.getPolicy());
    if (content.hasInput()) requested.input = RunInput(to_string(content.getInput()), from_log());
    requested.initiator = read_initiator(content);
    if (in.getHasParent()) {
      requested.ancestors = {.parent = uuid_of<RunTag>(in.getParent0(), in.getParent1()),
                             .root = uuid_of<RunTag>(in.getRoot0(), in.getRoot1())};
    }
    requested.labels = stored::read_labels(content.getLabels(), from_log());
    if (content.hasTraceparent()) requested.traceparent = stored::read_traceparent(content.getTraceparent());
  }

  static void read_deduped(wire::Deduped::Reader in, wire::Content::Reader content, Deduped& deduped) {
    deduped.rule = enum_from_wire(in.getRule(), DedupeRule::kNotDue);
    deduped.stage = enum_from_wire(in.getStage(), DedupeStage::kExecute);
    if (in.getHasRetryAt()) deduped.retry_at = Time{in.getRetryAt()};
    if (in.getHasRequestedRun()) {
      deduped.requested_run = uuid_of<RunTag>(in.getRequestedRun0(), in.getRequestedRun1());
    }
    if (in.getHasStarter()) deduped.starter = stored::digest_of(in.getStarter0(), in.getStarter1());
    if (in.getHasStandsUntil()) deduped.stands_until = Time{in.getStandsUntil()};
    deduped.asked_by = read_initiator(content);
  }

  static void read_started(wire::AttemptStarted::Reader in, wire::Content::Reader content, AttemptStarted& started) {
    started.attempt = AttemptNumber{in.getAttempt()};
    started.lease = Duration{in.getLease()};
    if (in.getHasKey()) started.key = stored::digest_of(in.getKey0(), in.getKey1());
    if (in.getHasStarter()) started.starter = stored::digest_of(in.getStarter0(), in.getStarter1());
    started.worker = SanitizedText(to_string(content.getWorker()), from_log());
  }

  static void read_finished(wire::AttemptFinished::Reader in, wire::Content::Reader content,
                            AttemptFinished& finished) {
    finished.attempt = AttemptNumber{in.getAttempt()};
    finished.outcome = enum_from_wire(in.getOutcome(), AttemptOutcome::kLost);
    finished.disposition = enum_from_wire(in.getDisposition(), Disposition::kLate);
    finished.retryable = in.getRetryable();
    if (in.getHasNotBefore()) finished.not_before = Time{in.getNotBefore()};
    finished.digest = stored::digest_of(in.getDigest0(), in.getDigest1());
    finished.summary_counts = stored::read_counts(in.getSummaryCounts(), from_log());
    finished.failures = read_failures(in.getReasonCodes(), content);
  }

  static void read_failed(wire::RunFailed::Reader in, wire::Content::Reader content, RunFailed& failed) {
    failed.outcome = enum_from_wire(in.getOutcome(), RunOutcome::kCancelled);
    failed.digest = stored::digest_of(in.getDigest0(), in.getDigest1());
    failed.reason_code = ReasonCode(to_string(in.getReasonCode()), from_log());
    failed.failures = read_failures(in.getReasonCodes(), content);
    failed.initiator = read_initiator(content);
  }

  static void read_restored(wire::LedgerEvent::Reader in, Restored& restored) {
    restored.skipped = in.getSkipped();
    restored.outside_mark = Sequence{in.getOutsideMark()};
    restored.backup_made_at = Time{in.getBackupMadeAt()};
  }

  static void read_recovered(wire::LedgerEvent::Reader in, Recovered& recovered) {
    recovered.skipped = in.getSkipped();
    recovered.outside_mark = Sequence{in.getOutsideMark()};
    recovered.kept = in.getKept();
    recovered.given_up = in.getGivenUp();
    recovered.damage = SanitizedText(to_string(in.getDamage()), from_log());
  }

  static void read_erased(wire::LedgerEvent::Reader in, Erased& erased) {
    erased.scope = {Workspace(to_string(in.getWorkspace()), from_log()), Tenant(to_string(in.getTenant()), from_log())};
    erased.reason = SanitizedText(to_string(in.getReason()), from_log());
    for (const std::uint64_t key : in.getKeys()) erased.keys.push_back(key);
  }

  static std::optional<SanitizedText> read_initiator(wire::Content::Reader content) {
    if (!content.hasInitiator()) return std::nullopt;
    return SanitizedText(to_string(content.getInitiator()), from_log());
  }

  static std::vector<FailureNote> read_failures(capnp::List<capnp::Text>::Reader codes, wire::Content::Reader content) {
    if (codes.size() > kFailuresPerEventMax) throw_damaged("an event has more failures than an event may have");
    const auto messages = content.getMessages();
    if (messages.size() != 0 && messages.size() != codes.size()) {
      throw_damaged("an event has another number of messages than of failures");
    }
    std::vector<FailureNote> failures;
    failures.reserve(codes.size());
    for (unsigned i = 0; i < codes.size(); ++i) {
      failures.push_back({ReasonCode(to_string(codes[i]), from_log()),
                          messages.size() == 0 ? SanitizedText() : SanitizedText(to_string(messages[i]), from_log())});
    }
    return failures;
  }
};

namespace {

// Builds the message of an event, with its content in clear.
class EnvelopeMessage {
 public:
  explicit EnvelopeMessage(const Envelope& envelope) : message_(kj::arrayPtr(scratch_, std::size(scratch_))) {
    write(message_.initRoot<wire::Envelope>(), envelope);
  }

  [[nodiscard]] wire::Envelope::Builder root() { return message_.getRoot<wire::Envelope>(); }
  [[nodiscard]] bool has_content() { return root().getContent().hasClear(); }
  void seal(std::string_view sealed) {
    root().getContent().setSealed({reinterpret_cast<const kj::byte*>(sealed.data()), sealed.size()});
  }
  [[nodiscard]] std::string bytes() { return stored::packed_bytes(root()); }

 private:
  static void write(wire::Envelope::Builder out, const Envelope& envelope);

  capnp::word scratch_[256] = {};  // Large enough for most events, so that building one does not allocate.
  capnp::MallocMessageBuilder message_;
};

void EnvelopeMessage::write(wire::Envelope::Builder out, const Envelope& envelope) {
  out.setRun0(word_of(envelope.run.value.bytes, 0));
  out.setRun1(word_of(envelope.run.value.bytes, 1));
  out.setRunVersion(envelope.run_version.value);
  out.setScopeSequence(envelope.scope_sequence.value);
  out.setPrevious(envelope.previous.value);
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
  stored::write_caller(out, envelope.caller);
  out.setWorkspace(to_text(envelope.scope.workspace.str()));
  if (envelope.scope.tenant) out.setTenant(to_text(envelope.scope.tenant->str()));
  std::visit(EventWriter(out), envelope.event);
}

}  // namespace

std::string encode(const Envelope& envelope) {
  EnvelopeMessage message(envelope);
  if (!envelope.sealed.bytes.empty()) message.seal(envelope.sealed.bytes);
  return message.bytes();
}

std::string encode_sealed(const Envelope& envelope, const SealKey& key) {
  EnvelopeMessage message(envelope);
  if (message.has_content()) {
    const std::string content = stored::packed_bytes(message.root().getContent().getClear());
    message.seal(seal_content(key, content, associated_with(message.root().asReader())));
  }
  return message.bytes();
}

std::string encode_opened(const Envelope& envelope) {
  if (envelope.sealed.bytes.empty() || !envelope.sealed.is_readable) return encode(envelope);
  EnvelopeMessage message(envelope);
  if (message.has_content()) message.root().setOpened(message.root().getContent().getClear().asReader());
  message.seal(envelope.sealed.bytes);
  return message.bytes();
}

bool has_content(const Envelope& envelope) {
  return EnvelopeMessage(envelope).has_content();
}

Envelope decode(Sequence sequence, std::string_view stored, const SealKeys* keys) {
  Envelope envelope = stored::read_packed<wire::Envelope>(
      stored, [keys](wire::Envelope::Reader in) { return EventCodec::read(in, keys); });
  envelope.sequence = sequence;
  return envelope;
}

EventId event_id(std::string_view stored) {
  const Digest<32> digest = sha256({stored});
  Uuid id;
  std::copy_n(digest.bytes.begin(), id.bytes.size(), id.bytes.begin());
  return {custom_uuid(id)};
}

}  // namespace runledger
