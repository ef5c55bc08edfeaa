// Decides commands, numbers their events and evolves the states.
//
// For each command, decide() does the following:
//
// 1. A command with an id is looked up, first among the group's own answers and then in the store. If it was answered
//    within kCommandMemory, recall() returns that answer, or "command.reused" when the content is another.
// 2. load_facts() (ledger/rules/facts.h) asks the group, as its FactSource, for the states that the rules need.
// 3. The pure function runledger::decide() turns the facts and the command into a rejection, or into events and a
//    reply.
// 4. append() gives each event the next sequence, run version and scope sequence, and asserts that it is legal. apply()
//    evolves the states of its run and its identity. note_life() starts or ends the attempt's life sign.
// 5. remember() keeps the answer under the command's id.
//
// `states_` is the cache that all groups of a sequencer share. At any time it equals the fold over the stored events
// and `batch_.events`. That is why a command sees the effects of every earlier one, and why the cache must be cleared
// if the group is not appended. References into it stay valid while a group is built, because the cache only forgets
// states in turn(), which the sequencer calls between two groups.
//
// The group notes which runs and identities it has touched. finish() copies their final states into the batch, so a
// state is written once per commit, however many events have changed it.
#include "ledger/commit_group.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/log/codec.h"
#include "ledger/log/entries.h"
#include "ledger/rules/content_digests.h"
#include "ledger/rules/journal_import.h"
#include "ledger/rules/run.h"

namespace runledger {
namespace {

Rejection seal_keys_missing() {
  return reject(
      "seal.keys_missing",
      "expected the file seal.keys of this ledger, under whose keys the contents of tenants are sealed, found "
      "none: put it back, and start the program again");
}

}  // namespace

void DecidedStates::turn() {
  runs.turn();
  identities.turn();
  scopes.turn();
}

void DecidedStates::clear() {
  runs.clear();
  identities.clear();
  scopes.clear();
  ledger_events.reset();
}

CommitGroup::CommitGroup(const Head& head, const DecisionStates& stored, const Catalog& catalog, DecidedStates& states)
    : stored_(stored),
      catalog_(catalog),
      states_(states),
      next_(head.sequence.next()),
      recorded_at_(head.recorded_at) {}

RunState& CommitGroup::run(RunId id) {
  return states_.runs.get(id, [&] { return stored_.load_run(id); });
}

IdentityState& CommitGroup::identity(const Identity& identity) {
  return states_.identities.get(identity, [&] { return stored_.load_identity(identity); });
}

ScopeCount& CommitGroup::scope(const Scope& scope) {
  return states_.scopes.get(scope_digest(scope), [&] {
    const DecisionStates::ScopeEnd end = stored_.load_scope_end(scope);
    return ScopeCount{end.number, ledger_events().skipped_up_to(end.position)};
  });
}

ScopeSequence CommitGroup::scope_count(const Scope& of) {
  const ScopeCount& count = scope(of);
  return ScopeSequence{count.last.value + (ledger_events().skipped() - count.skipped)};
}

LedgerEvents& CommitGroup::ledger_events() {
  if (!states_.ledger_events) states_.ledger_events = stored_.load_ledger_events();
  return *states_.ledger_events;
}

bool CommitGroup::empty() const noexcept {
  return batch_.events.empty() && commands_.empty() && life_signs_.empty();
}

Answer CommitGroup::decide(const Submission& submission, const Moment& clock) {
  recorded_at_ = std::max(recorded_at_, clock.wall);  // The wall clock may go back; recorded_at must not.
  const Moment now{recorded_at_, clock.steady};
  if (!submission.id) return decide_new(submission, now);
  const ContentDigest content = states_.contents.ledger().command_digest(submission);
  const CommandId id = states_.contents.ledger().memory_id(submission);
  if (std::optional<Answer> earlier = recall(id, submission, content)) return *std::move(earlier);
  Answer answer = decide_new(submission, now);
  remember(id, submission, content, answer);
  return answer;
}

std::optional<Answer> CommitGroup::recall(const CommandId& id, const Submission& submission,
                                          const ContentDigest& content) {
  std::optional<CommandRecord> record;
  if (const auto found = commands_.find(id); found != commands_.end()) {
    record = found->second;
  } else {
    record = stored_.load_command(id);
  }
  // A record that is too old counts as absent, whether or not compaction has already dropped it.
  if (!record || record->answered_at + kCommandMemory <= recorded_at_) return {};
  if (std::holds_alternative<Rejection>(record->answer) && submission.import &&
      submission.import->remembered == RememberedRejections::kDecideAnew)
    return {};
  if (record->content != content) {
    return reject("command.reused", "expected the content that this command id was first used with, found other");
  }
  if (auto* reply = std::get_if<Reply>(&record->answer)) {
    reply->repeated = true;
    reply->events = 0;
    if (reply->run_version.value == 0) reply->run_version = run(reply->run).version;  // Of an earlier version.
    return *reply;
  }
  return std::get<Rejection>(record->answer);
}

// A refused live command is not remembered: it changed nothing, and remembering it would let refused callers fill the
// disk. A refused line of a journal is remembered, so that an interrupted import that runs again ends the same.
void CommitGroup::remember(const CommandId& id, const Submission& submission, const ContentDigest& content,
                           const Answer& answer) {
  if (const auto* reply = std::get_if<Reply>(&answer)) {
    commands_[id] = CommandRecord{content, recorded_at_, *reply};
  } else if (submission.import) {
    commands_[id] = CommandRecord{content, recorded_at_, std::get<Rejection>(answer)};
  }
}

std::optional<LifeSign> CommitGroup::life_sign(RunId run) {
  const auto found = life_signs_.find(run);
  return found != life_signs_.end() ? found->second : stored_.load_life_sign(run);
}

// In a sealed ledger, digests of a tenant's content, among them its identities, are made under the tenant's key. A run
// that does not exist has no tenant, and nothing is digested for it.
Answer CommitGroup::decide_new(const Submission& submission, const Moment& now) {
  if (!states_.contents.seals()) return decide_under(states_.contents.ledger(), submission, now);
  const RequestRun* const request = request_in(submission.command);
  const Scope of = request != nullptr ? request->scope : run(run_named_by(submission.command)).scope;
  if (!states_.contents.are_sealed(of)) return decide_under(states_.contents.ledger(), submission, now);
  if (!stored_.store().seal_keys()->has_file()) return seal_keys_missing();
  const ContentKey& contents = states_.contents.make(of);
  if (request == nullptr) return decide_under(contents, submission, now);
  Submission sealed = submission;
  Identity& identity = request_in(sealed.command)->identity;
  identity = contents.sealed_identity(identity);
  return decide_under(contents, sealed, now);
}

Answer CommitGroup::decide_under(const ContentKey& contents, const Submission& submission, const Moment& now) {
  const Facts facts = load_facts(*this, submission,
                                 {.catalog = catalog_,
                                  .now = now,
                                  .next = next_,
                                  .contents = contents,
                                  .leases_renewed_at = states_.leases_renewed_at});
  auto decided = runledger::decide(facts, submission.command);
  if (auto* rejection = std::get_if<Rejection>(&decided)) return std::move(*rejection);
  auto& decision = std::get<Decision>(decided);
  decision.reply.events = static_cast<std::uint32_t>(decision.events.size());
  for (std::size_t i = 0; i < decision.events.size(); ++i) {
    const std::optional<Time> occurred_at = decision.occurred_at(i, submission.occurred_at);
    append(decision.reply.run, submission, occurred_at, std::move(decision.events[i]), now);
  }
  decision.reply.run_version = run(decision.reply.run).version;
  if (const auto* heartbeat = std::get_if<Heartbeat>(&submission.command)) note_heartbeat(*heartbeat, decision, now);
  return decision.reply;
}

void CommitGroup::note_heartbeat(const Heartbeat& heartbeat, const Decision& decision, const Moment& now) {
  LifeSign sign{.token = decision.reply.token, .at = now, .progress = {}};
  if (decision.progress) {
    sign.progress = *decision.progress;
  } else if (std::optional<LifeSign> before = life_sign(heartbeat.run); before && before->token == sign.token) {
    sign.progress = std::move(before->progress);
  }
  life_signs_[heartbeat.run] = std::move(sign);
}

// Only an open attempt needs a life sign. Attempts of a journal have no lease.
void CommitGroup::note_life(const Envelope& envelope, const RunState& state, const Moment& now) {
  if (envelope.origin == Origin::kImported) return;
  if (std::holds_alternative<AttemptStarted>(envelope.event)) {
    life_signs_[envelope.run] = LifeSign{.token = envelope.scope_sequence, .at = now, .progress = {}};
  } else if (state.open_attempt() == nullptr && !state.attempts.empty() &&
             !std::holds_alternative<Deduped>(envelope.event)) {
    life_signs_[envelope.run] = std::nullopt;
  }
}

void CommitGroup::append(RunId id, const Submission& submission, const std::optional<Time>& occurred_at, Event event,
                         const Moment& now) {
  const RequestRun* request = request_in(submission.command);
  const RunState& state = run(id);
  RUNLEDGER_ASSERT(state.exists() || request != nullptr);
  const Scope& of = state.exists() ? state.scope : request->scope;
  const Envelope envelope{.sequence = next_,
                          .run = id,
                          .run_version = state.version.next(),
                          .scope = of,
                          .scope_sequence = scope_count(of).next(),
                          .previous = state.last_in_scope,
                          .recorded_at = recorded_at_,
                          .occurred_at = occurred_at,
                          .origin = submission.origin(),
                          .command = submission.id,
                          .caller = submission.caller,
                          .event = std::move(event)};
  RUNLEDGER_ASSERT(!illegal_step(state, envelope));
  apply(envelope);
  note_life(envelope, state, now);
}

void CommitGroup::apply(const Envelope& envelope) {
  RunState& state = run(envelope.run);
  evolve(state, envelope);
  IdentityState& held = identity(state.identity);
  const IdentityState before = held;
  evolve(held, state, envelope);
  scope(envelope.scope) = {envelope.scope_sequence, ledger_events().skipped()};
  touched_runs_.insert(envelope.run);
  if (held != before) touched_identities_.insert(state.identity);
  add_to_batch(envelope);
}

void CommitGroup::add_to_batch(const Envelope& envelope) {
  next_ = envelope.sequence.next();
  recorded_at_ = envelope.recorded_at;
  batch_.events.push_back(envelope);
}

std::optional<Rejection> CommitGroup::add_ledger_event(const Envelope& envelope) {
  if (const auto reason = illegal_ledger_event(ledger_events(), envelope))
    return reject("event.illegal", fmt::format("sequence {}: {}", next_.value, *reason));
  ledger_events().add(envelope);
  add_to_batch(envelope);
  return {};
}

// The bytes of an event cannot change, so a content that should be sealed, or should not, cannot be taken over.
std::optional<Rejection> CommitGroup::refuse_content(const Envelope& envelope) const {
  const bool is_sealed = !envelope.sealed.bytes.empty();
  if (states_.contents.are_sealed(envelope.scope)) {
    if (is_sealed || !has_content(envelope)) return {};
    return reject("seal.missing", fmt::format("sequence {}: expected a sealed content, as this ledger seals those of "
                                              "tenants, found it in clear: import it into a ledger that does not",
                                              next_.value));
  }
  if (!is_sealed) return {};
  return reject(
      "seal.not_expected",
      fmt::format("sequence {}: expected a content in clear, found a sealed one: import it into a ledger made "
                  "with init --seal-tenants, with the keys of the ledger that it comes from",
                  next_.value));
}

std::optional<Rejection> CommitGroup::add_verbatim(const Envelope& envelope) {
  if (envelope.sequence != next_) {
    return reject("event.out_of_sequence",
                  fmt::format("expected sequence {}, found {}", next_.value, envelope.sequence.value));
  }
  if (envelope.recorded_at < recorded_at_) {
    return reject("event.illegal", fmt::format("sequence {}: recorded before the preceding event", next_.value));
  }
  if (is_of_ledger(envelope.event)) return add_ledger_event(envelope);
  if (envelope.run == RunId{}) return reject("event.illegal", fmt::format("sequence {}: of no run", next_.value));
  const ScopeSequence expected = scope_count(envelope.scope).next();
  if (envelope.scope_sequence != expected) {
    return reject("event.illegal", fmt::format("sequence {}: expected scope sequence {}, found {}", next_.value,
                                               expected.value, envelope.scope_sequence.value));
  }
  if (const auto reason = illegal_step(run(envelope.run), envelope)) {
    return reject("event.illegal", fmt::format("sequence {}: {}", next_.value, *reason));
  }
  if (auto refused = refuse_content(envelope)) return refused;
  const auto* requested = std::get_if<Requested>(&envelope.event);
  if (requested != nullptr && identity(requested->identity).holder(envelope.origin)) {
    return reject("event.illegal", fmt::format("sequence {}: another run of its identity is active", next_.value));
  }
  apply(envelope);
  return {};
}

std::optional<Rejection> CommitGroup::erase(const EraseContent& erase, const Moment& now) {
  if (!states_.contents.are_sealed(erase.scope))
    return reject("seal.not_sealed",
                  "expected a ledger made with init --seal-tenants, and a tenant, found that nothing is sealed");
  const SealKeys& keys = *stored_.store().seal_keys();
  if (!keys.has_file()) return seal_keys_missing();
  if (scope_count(erase.scope) != erase.seen)
    return reject("scope.changed",
                  fmt::format("expected no event of the tenant after its number {}, found some", erase.seen.value));
  const std::optional<SealKey> key = keys.find(erase.scope);
  if (!key) return reject("erase.nothing", "expected content of the tenant, found none since it was last erased");
  Envelope envelope = next_ledger_event(ledger_events());
  envelope.sequence = next_;
  envelope.recorded_at = std::max(recorded_at_, now.wall);
  envelope.caller = erase.caller;
  envelope.event = Erased{.scope = erase.scope, .reason = erase.reason, .keys = {key->id.value}};
  return add_ledger_event(envelope);
}

AppendBatch CommitGroup::finish() {
  for (const RunId& id : touched_runs_) batch_.runs.emplace_back(id, run(id));
  for (const Identity& id : touched_identities_) batch_.identities.emplace_back(id, identity(id));
  for (auto& command : commands_) batch_.commands.emplace_back(command.first, std::move(command.second));
  batch_.life_signs.assign(life_signs_.begin(), life_signs_.end());
  return std::move(batch_);
}

}  // namespace runledger
