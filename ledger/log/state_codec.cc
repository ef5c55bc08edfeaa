// States and records to and from their canonical Cap'n Proto bytes.
//
// Every value has its own root struct in schema/state.capnp: Run, Identity, CommandRecord, HeartbeatMark and Head.
// Encoding fills a message and takes its canonical bytes (ledger/log/wire.h); decoding goes through read_message(),
// which turns every broken message into "storage.damaged". The conventions for ids, optional values and enumerations
// are those of ledger/log/codec.cc.
//
// Three values are stored in fewer bytes than their C++ form would suggest:
//
// - An identity's active run is nearly always its last run, so `active` says "last" instead of storing the id again.
// - The head's tree roots are one byte string. Their number follows from the sequence, one root for each one-bit, and
//   decoding refuses any other number.
// - A reply is stored without `events`, the count of appended events: a repeated command appends nothing.
//
// decode_command() also runs inside the engine's compaction, which drops old answers (ledger/log/store/settings.cc).
// The filter there expects a Failure for damaged bytes, and no other exception.
#include "ledger/log/state_codec.h"

#include <bit>

#include "ledger/base/assert.h"
#include "ledger/log/wire.h"
#include "schema/state.capnp.h"

namespace runledger {

using stored::digest_of;
using stored::enum_from_wire;
using stored::enum_to_wire;
using stored::to_string;
using stored::to_text;
using stored::uuid_of;
using stored::word_of;

namespace {

static_assert(enum_to_wire<wire::RunStatus>(RunStatus::kCompleted) == wire::RunStatus::COMPLETED);
static_assert(enum_to_wire<wire::AttemptStatus>(AttemptStatus::kLate) == wire::AttemptStatus::LATE);
static_assert(enum_to_wire<wire::Verdict>(Verdict::kCancelled) == wire::Verdict::CANCELLED);

void write_attempt(wire::Attempt::Builder out, const AttemptState& attempt, const Policy& policy) {
  out.setToken(attempt.token.value);
  out.setStartedBy(attempt.started_by.value);
  out.setStartedAt(attempt.started_at.unix_us);
  if (attempt.lease != policy.lease) out.setLease(attempt.lease.count());
  out.setStatus(enum_to_wire<wire::AttemptStatus>(attempt.status));
  out.setFinishedBy(attempt.finished_by.value);
  out.setFinish0(word_of(attempt.finish.bytes, 0));
  out.setFinish1(word_of(attempt.finish.bytes, 1));
  if (attempt.key) {
    out.setHasKey(true);
    out.setKey0(word_of(attempt.key->bytes, 0));
    out.setKey1(word_of(attempt.key->bytes, 1));
  }
}

AttemptState read_attempt(wire::Attempt::Reader in, const Policy& policy) {
  AttemptState attempt;
  attempt.token = ScopeSequence{in.getToken()};
  attempt.started_by = Sequence{in.getStartedBy()};
  attempt.status = enum_from_wire(in.getStatus(), AttemptStatus::kLate);
  attempt.started_at = Time{in.getStartedAt()};
  attempt.lease = in.getLease() == 0 ? policy.lease : Duration{in.getLease()};
  if (in.getHasKey()) attempt.key = digest_of(in.getKey0(), in.getKey1());
  attempt.finish = digest_of(in.getFinish0(), in.getFinish1());
  attempt.finished_by = Sequence{in.getFinishedBy()};
  return attempt;
}

void write_opener(wire::Opener::Builder out, const Opener& opener) {
  out.setCommand0(word_of(opener.command.value.bytes, 0));
  out.setCommand1(word_of(opener.command.value.bytes, 1));
  out.setStarter0(word_of(opener.starter.bytes, 0));
  out.setStarter1(word_of(opener.starter.bytes, 1));
}

Opener read_opener(wire::Opener::Reader in) {
  return {.command = uuid_of<CommandTag>(in.getCommand0(), in.getCommand1()),
          .starter = digest_of(in.getStarter0(), in.getStarter1())};
}

void write_skip(wire::Skip::Builder out, const Skip& skip) {
  out.setEvent(skip.event.value);
  out.setUntil(skip.until.unix_us);
  out.setRule(enum_to_wire<wire::DedupeRule>(skip.rule));
  stored::write_caller(out, skip.caller);
  if (!skip.starter) return;
  out.setHasStarter(true);
  out.setStarter0(word_of(skip.starter->bytes, 0));
  out.setStarter1(word_of(skip.starter->bytes, 1));
}

Skip read_skip(wire::Skip::Reader in) {
  Skip skip{.rule = enum_from_wire(in.getRule(), DedupeRule::kNotDue),
            .caller = stored::read_caller(in),
            .starter = {},
            .event = Sequence{in.getEvent()},
            .until = Time{in.getUntil()}};
  if (in.getHasStarter()) skip.starter = digest_of(in.getStarter0(), in.getStarter1());
  return skip;
}

void write_reply(wire::Reply::Builder out, const Reply& reply) {
  out.setVerdict(enum_to_wire<wire::Verdict>(reply.verdict));
  out.setStatus(enum_to_wire<wire::RunStatus>(reply.status));
  out.setOutcome(enum_to_wire<wire::RunOutcome>(reply.outcome));
  out.setRepeated(reply.repeated);
  if (reply.rule) {
    out.setHasRule(true);
    out.setRule(enum_to_wire<wire::DedupeRule>(*reply.rule));
  }
  if (reply.retry_after) {
    out.setHasRetryAfter(true);
    out.setRetryAfter(reply.retry_after->count());
  }
  out.setRun0(word_of(reply.run.value.bytes, 0));
  out.setRun1(word_of(reply.run.value.bytes, 1));
  out.setSequence(reply.sequence.value);
  out.setRunVersion(reply.run_version.value);
  out.setAttempt(reply.attempt.value);
  out.setToken(reply.token.value);
  if (reply.lease) out.setLease(reply.lease->count());
  if (reply.warnings.empty()) return;
  auto warnings = out.initWarnings(static_cast<unsigned>(reply.warnings.size()));
  for (unsigned i = 0; i < warnings.size(); ++i) {
    warnings[i].setCode(to_text(reply.warnings[i].code));
    warnings[i].setPath(to_text(reply.warnings[i].path));
  }
}

Reply read_reply(wire::Reply::Reader in) {
  Reply reply;
  reply.verdict = enum_from_wire(in.getVerdict(), Verdict::kCancelled);
  reply.status = enum_from_wire(in.getStatus(), RunStatus::kCompleted);
  reply.outcome = enum_from_wire(in.getOutcome(), RunOutcome::kCancelled);
  reply.repeated = in.getRepeated();
  if (in.getHasRule()) reply.rule = enum_from_wire(in.getRule(), DedupeRule::kNotDue);
  if (in.getHasRetryAfter()) reply.retry_after = Duration{in.getRetryAfter()};
  reply.run = uuid_of<RunTag>(in.getRun0(), in.getRun1());
  reply.sequence = Sequence{in.getSequence()};
  reply.run_version = RunVersion{in.getRunVersion()};
  reply.attempt = AttemptNumber{in.getAttempt()};
  reply.token = ScopeSequence{in.getToken()};
  if (in.getLease() != 0) reply.lease = Duration{in.getLease()};
  for (const auto warning : in.getWarnings()) {
    reply.warnings.push_back({to_string(warning.getCode()), to_string(warning.getPath())});
  }
  return reply;
}

}  // namespace

// Reads values with checked texts. It is a class because it can make the key that restores them
// (ledger/base/from_log.h).
class StateCodec {
 public:
  static RunState read_run(wire::Run::Reader in) {
    RunState run;
    run.version = RunVersion{in.getVersion()};
    run.status = enum_from_wire(in.getStatus(), RunStatus::kCompleted);
    run.outcome = enum_from_wire(in.getOutcome(), RunOutcome::kCancelled);
    run.scope.workspace = Workspace(to_string(in.getWorkspace()), from_log());
    if (in.hasTenant()) run.scope.tenant = Tenant(to_string(in.getTenant()), from_log());
    run.type = RunType(to_string(in.getType()), from_log());
    run.identity = stored::identity_of(in.getIdentity0(), in.getIdentity1(), in.getIdentity2(), in.getIdentity3());
    run.content = digest_of(in.getContent0(), in.getContent1());
    run.policy = stored::read_policy(in.getPolicy());
    run.requested_at = Time{in.getRequestedAt()};
    run.completed_at = Time{in.getCompletedAt()};
    if (in.getHasEndedBy()) run.ended_by = digest_of(in.getEndedBy0(), in.getEndedBy1());
    run.requested_by = Sequence{in.getRequestedBy()};
    run.completed_by = Sequence{in.getCompletedBy()};
    run.last_sequence = Sequence{in.getLastSequence()};
    run.last_in_scope = ScopeSequence{in.getLastInScope()};
    if (in.getImported()) run.origin = Origin::kImported;
    run.taken_over_by = Sequence{in.getTakenOverBy()};
    if (in.getHasRoot()) run.root = uuid_of<RunTag>(in.getRoot0(), in.getRoot1());
    const auto attempts = in.getAttempts();
    if (attempts.size() > Policy::kAttemptsMax) throw_damaged("a run's state has more attempts than a run may have");
    run.attempts.reserve(attempts.size());
    for (const auto attempt : attempts) run.attempts.push_back(read_attempt(attempt, run.policy));
    if (in.getHasNotBefore()) run.not_before = Time{in.getNotBefore()};
    if (in.hasOpenedBy()) run.opened_by = read_opener(in.getOpenedBy());
    if (in.hasLastSkip()) run.last_skip = read_skip(in.getLastSkip());
    return run;
  }

  static LifeSign read_life_sign(wire::HeartbeatMark::Reader in) {
    return {.token = ScopeSequence{in.getToken()},
            .at = {Time{in.getAt()}, {in.getBoot(), Duration{in.getSinceBoot()}}},
            .progress = stored::read_counts(in.getProgress(), from_log())};
  }

  static Rejection read_rejection(wire::Rejection::Reader in) {
    return {to_string(in.getCode()), SanitizedText(to_string(in.getDetail()), from_log())};
  }

 private:
  static FromLog from_log() { return {}; }
};

std::string encode_run(const RunState& run) {
  capnp::MallocMessageBuilder message;
  auto out = message.initRoot<wire::Run>();
  out.setVersion(run.version.value);
  out.setStatus(enum_to_wire<wire::RunStatus>(run.status));
  out.setOutcome(enum_to_wire<wire::RunOutcome>(run.outcome));
  out.setLastSequence(run.last_sequence.value);
  out.setLastInScope(run.last_in_scope.value);
  out.setRequestedBy(run.requested_by.value);
  out.setRequestedAt(run.requested_at.unix_us);
  out.setIdentity0(word_of(run.identity.digest.bytes, 0));
  out.setIdentity1(word_of(run.identity.digest.bytes, 1));
  out.setIdentity2(word_of(run.identity.digest.bytes, 2));
  out.setIdentity3(word_of(run.identity.digest.bytes, 3));
  out.setContent0(word_of(run.content.bytes, 0));
  out.setContent1(word_of(run.content.bytes, 1));
  out.setCompletedBy(run.completed_by.value);
  out.setCompletedAt(run.completed_at.unix_us);
  if (run.ended_by) {
    out.setHasEndedBy(true);
    out.setEndedBy0(word_of(run.ended_by->bytes, 0));
    out.setEndedBy1(word_of(run.ended_by->bytes, 1));
  }
  out.setWorkspace(to_text(run.scope.workspace.str()));
  if (run.scope.tenant) out.setTenant(to_text(run.scope.tenant->str()));
  out.setType(to_text(run.type.str()));
  out.setImported(run.origin == Origin::kImported);
  out.setTakenOverBy(run.taken_over_by.value);
  if (run.root) {
    out.setHasRoot(true);
    out.setRoot0(word_of(run.root->value.bytes, 0));
    out.setRoot1(word_of(run.root->value.bytes, 1));
  }
  stored::write_policy(out.initPolicy(), run.policy);
  RUNLEDGER_ASSERT(run.attempts.size() <= Policy::kAttemptsMax);
  if (!run.attempts.empty()) {
    auto attempts = out.initAttempts(static_cast<unsigned>(run.attempts.size()));
    for (unsigned i = 0; i < attempts.size(); ++i) write_attempt(attempts[i], run.attempts[i], run.policy);
  }
  if (run.not_before) {
    out.setHasNotBefore(true);
    out.setNotBefore(run.not_before->unix_us);
  }
  if (run.opened_by) write_opener(out.initOpenedBy(), *run.opened_by);
  if (run.last_skip) write_skip(out.initLastSkip(), *run.last_skip);
  return stored::canonical_bytes(out);
}

RunState decode_run(std::string_view stored) {
  return stored::read_message<wire::Run>(stored, &StateCodec::read_run);
}

bool is_left_to_events(const RunState& run) {
  return run.exists() && !run.active() && run.completed_by == run.last_sequence && run.version.value <= kEventsLeftMax;
}

std::string encode_identity(const IdentityState& identity) {
  capnp::MallocMessageBuilder message;
  auto out = message.initRoot<wire::Identity>();
  out.setDecidedBy(identity.decided_by.value);
  if (identity.last) {
    out.setHasLast(true);
    out.setLast0(word_of(identity.last->value.bytes, 0));
    out.setLast1(word_of(identity.last->value.bytes, 1));
  }
  if (identity.cooldown_until) {
    out.setHasCooldownUntil(true);
    out.setCooldownUntil(identity.cooldown_until->unix_us);
  }
  if (identity.imported_active) {
    out.setHasImportedActive(true);
    out.setImportedActive0(word_of(identity.imported_active->value.bytes, 0));
    out.setImportedActive1(word_of(identity.imported_active->value.bytes, 1));
  }
  if (identity.active && identity.active == identity.last) {
    out.setActive(wire::ActiveRun::LAST);
  } else if (identity.active) {
    out.setActive(wire::ActiveRun::OTHER);
    out.setActive0(word_of(identity.active->value.bytes, 0));
    out.setActive1(word_of(identity.active->value.bytes, 1));
  }
  return stored::canonical_bytes(out);
}

IdentityState decode_identity(std::string_view stored) {
  return stored::read_message<wire::Identity>(stored, [](wire::Identity::Reader in) {
    IdentityState identity;
    identity.decided_by = Sequence{in.getDecidedBy()};
    if (in.getHasLast()) identity.last = uuid_of<RunTag>(in.getLast0(), in.getLast1());
    if (in.getHasCooldownUntil()) identity.cooldown_until = Time{in.getCooldownUntil()};
    if (in.getHasImportedActive())
      identity.imported_active = uuid_of<RunTag>(in.getImportedActive0(), in.getImportedActive1());
    switch (in.getActive()) {
      case wire::ActiveRun::NONE:
        return identity;
      case wire::ActiveRun::LAST:
        identity.active = identity.last;
        return identity;
      case wire::ActiveRun::OTHER:
        identity.active = uuid_of<RunTag>(in.getActive0(), in.getActive1());
        return identity;
    }
    throw_damaged("the state of an identity has a value that no version has used");
  });
}

std::string encode_command(const CommandRecord& command) {
  capnp::MallocMessageBuilder message;
  auto out = message.initRoot<wire::CommandRecord>();
  out.setAnsweredAt(command.answered_at.unix_us);
  out.setContent0(word_of(command.content.bytes, 0));
  out.setContent1(word_of(command.content.bytes, 1));
  if (const auto* reply = std::get_if<Reply>(&command.answer)) {
    write_reply(out.getAnswer().initReply(), *reply);
  } else {
    const Rejection& rejection = std::get<Rejection>(command.answer);
    auto rejected = out.getAnswer().initRejection();
    rejected.setCode(to_text(rejection.code));
    rejected.setDetail(to_text(rejection.detail.str()));
  }
  return stored::canonical_bytes(out);
}

CommandRecord decode_command(std::string_view stored) {
  return stored::read_message<wire::CommandRecord>(stored, [](wire::CommandRecord::Reader in) {
    CommandRecord command;
    command.answered_at = Time{in.getAnsweredAt()};
    command.content = digest_of(in.getContent0(), in.getContent1());
    switch (in.getAnswer().which()) {
      case wire::CommandRecord::Answer::REPLY:
        command.answer = read_reply(in.getAnswer().getReply());
        return command;
      case wire::CommandRecord::Answer::REJECTION:
        command.answer = StateCodec::read_rejection(in.getAnswer().getRejection());
        return command;
    }
    throw_damaged("the answer to a command has a kind that no version has used");
  });
}

std::string encode_life_sign(const LifeSign& sign) {
  capnp::MallocMessageBuilder message;
  auto out = message.initRoot<wire::HeartbeatMark>();
  out.setToken(sign.token.value);
  out.setAt(sign.at.wall.unix_us);
  out.setBoot(sign.at.steady.boot);
  out.setSinceBoot(sign.at.steady.since_boot.count());
  if (!sign.progress.empty())
    stored::write_counts(out.initProgress(static_cast<unsigned>(sign.progress.size())), sign.progress);
  return stored::canonical_bytes(out);
}

LifeSign decode_life_sign(std::string_view stored) {
  return stored::read_message<wire::HeartbeatMark>(stored, &StateCodec::read_life_sign);
}

std::string encode_head(const Head& head) {
  RUNLEDGER_ASSERT(head.tree.size() == head.sequence.value);
  capnp::MallocMessageBuilder message;
  auto out = message.initRoot<wire::Head>();
  out.setSequence(head.sequence.value);
  out.setRecordedAt(head.recorded_at.unix_us);
  auto roots = out.initRoots(static_cast<unsigned>(head.tree.roots().size() * sizeof(Digest<32>)));
  auto* to = roots.begin();
  for (const Digest<32>& root : head.tree.roots()) to = std::copy(root.bytes.begin(), root.bytes.end(), to);
  return stored::canonical_bytes(out);
}

Head decode_head(std::string_view stored) {
  return stored::read_message<wire::Head>(stored, [](wire::Head::Reader in) {
    const auto bytes = in.getRoots();
    std::vector<Digest<32>> roots(bytes.size() / sizeof(Digest<32>));
    if (bytes.size() % sizeof(Digest<32>) != 0 ||
        roots.size() != static_cast<std::size_t>(std::popcount(in.getSequence()))) {
      throw_damaged("the head of the log does not have the tree roots that its size asks for");
    }
    const auto* from = bytes.begin();
    for (Digest<32>& root : roots) {
      std::copy_n(from, root.bytes.size(), root.bytes.begin());
      from += root.bytes.size();
    }
    return Head{Sequence{in.getSequence()}, Time{in.getRecordedAt()},
                MerkleFrontier(in.getSequence(), std::move(roots))};
  });
}

}  // namespace runledger
