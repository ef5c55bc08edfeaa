// A group commit under construction: commands are decided one after the other, and each sees the effects of those
// before it.
#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "ledger/base/bounded_cache.h"
#include "ledger/content_keys.h"
#include "ledger/erase_content.h"
#include "ledger/log/decision_states.h"
#include "ledger/rules/catalog.h"
#include "ledger/rules/command.h"
#include "ledger/rules/facts.h"

namespace runledger {

// The number of a scope's last event, and by how much the numbers of scopes had been moved on by then (LedgerEvents).
struct ScopeCount {
  ScopeSequence last;
  std::uint64_t skipped = 0;
};

// A bounded cache of the states of runs, identities and scopes as they are after everything decided so far, durable or
// not. The groups of a sequencer share it, one after the other. Not for several threads at once.
struct DecidedStates {
  // Each cache holds about twice `generation_max` states at most.
  DecidedStates(std::size_t generation_max, const Store& store)
      : runs(generation_max), identities(generation_max), scopes(generation_max), contents(store) {}

  BoundedCache<RunId, RunState> runs;
  BoundedCache<Identity, IdentityState> identities;
  BoundedCache<ContentDigest, ScopeCount> scopes;
  std::optional<LedgerEvents> ledger_events;  // Absent until they are needed.
  ContentKeys contents;
  std::optional<SteadyTime> leases_renewed_at;  // See lease_left() (ledger/rules/lease.h).

  // Drops states that were not used lately. References to states become invalid, so no group may be under construction.
  void turn();
  // Drops all states.
  void clear();
};

// Built for one commit, used by one thread, and discarded afterwards. If the commit does not happen, the caller must
// clear the states, because they are then ahead of the log.
//
// Throws Failure as DecisionStates does, when a state cannot be read. The group must then be dropped, and the states
// cleared.
class CommitGroup final : FactSource {
 public:
  // `head` is the end of the log. States that `states` does not hold are read from `stored`. `stored`, `catalog` and
  // `states` are not owned and must outlive the group.
  CommitGroup(const Head& head, const DecisionStates& stored, const Catalog& catalog, DecidedStates& states);

  // Decides a command, and adds its events and its answer to the group. `now` is the time of the ledger's clock.
  [[nodiscard]] Answer decide(const Submission& submission, const Moment& now);

  // Adds an envelope exactly as it is. Returns the reason when it cannot follow the events so far; the group must then
  // be dropped, and the states cleared. Codes: "event.out_of_sequence", "event.illegal".
  [[nodiscard]] std::optional<Rejection> add_verbatim(const Envelope& envelope);

  // Adds the event by which a tenant's content is erased, at the time of `now`. Returns the reason when it may not be:
  // those of Sequencer::erase(). Nothing else may be added.
  [[nodiscard]] std::optional<Rejection> erase(const EraseContent& erase, const Moment& now);

  // The last event so far, in this group or before it.
  [[nodiscard]] Sequence last() const noexcept { return Sequence{next_.value - 1}; }

  // True when the group has nothing to write.
  [[nodiscard]] bool empty() const noexcept;

  // Returns the batch to append. The group must not be used afterwards.
  [[nodiscard]] AppendBatch finish();

 private:
  [[nodiscard]] Answer decide_new(const Submission& submission, const Moment& now);
  [[nodiscard]] Answer decide_under(const ContentKey& contents, const Submission& submission, const Moment& now);
  [[nodiscard]] std::optional<Rejection> refuse_content(const Envelope& envelope) const;
  [[nodiscard]] std::optional<Answer> recall(const CommandId& id, const Submission& submission,
                                             const ContentDigest& content);
  void remember(const CommandId& id, const Submission& submission, const ContentDigest& content, const Answer& answer);
  void note_heartbeat(const Heartbeat& heartbeat, const Decision& decision, const Moment& now);
  void append(RunId id, const Submission& submission, const std::optional<Time>& occurred_at, Event event,
              const Moment& now);
  void note_life(const Envelope& envelope, const RunState& state, const Moment& now);
  void apply(const Envelope& envelope);
  RunState& run(RunId id) override;
  IdentityState& identity(const Identity& identity) override;
  std::optional<LifeSign> life_sign(RunId run) override;
  ScopeSequence scope_count(const Scope& of) override;  // The number before that of the scope's next event.
  ScopeCount& scope(const Scope& scope);
  LedgerEvents& ledger_events();
  [[nodiscard]] std::optional<Rejection> add_ledger_event(const Envelope& envelope);
  void add_to_batch(const Envelope& envelope);

  const DecisionStates& stored_;
  const Catalog& catalog_;
  DecidedStates& states_;
  Sequence next_;     // The sequence of the next event.
  Time recorded_at_;  // The time of the last event or decision; never goes back.
  AppendBatch batch_;
  std::unordered_set<RunId> touched_runs_;
  std::unordered_set<Identity> touched_identities_;
  std::unordered_map<CommandId, CommandRecord> commands_;
  std::unordered_map<RunId, std::optional<LifeSign>> life_signs_;
};

}  // namespace runledger
