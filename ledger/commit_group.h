// One group commit in the making: commands decided one after the other, each seeing the effects of those before it.
#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ledger/base/bounded_cache.h"
#include "ledger/log/decision_states.h"
#include "ledger/rules/catalog.h"
#include "ledger/rules/command.h"
#include "ledger/rules/facts.h"

namespace runledger {

// The states of runs, identities and scopes as they stand after everything decided so far, durable or not.
struct DecidedStates {
  explicit DecidedStates(std::size_t generation_max)
      : runs(generation_max), identities(generation_max), scopes(generation_max) {}

  BoundedCache<RunId, RunState> runs;
  BoundedCache<Identity, IdentityState> identities;
  BoundedCache<ContentDigest, ScopeSequence> scopes;
  std::optional<SteadyTime> leases_renewed_at;  // See lease_left().

  void turn();
  void clear();
};

// Built for one commit, used by one thread, and thrown away after it. When the commit does not happen, the states must
// be cleared: they are ahead of the log then.
class CommitGroup final : FactSource {
 public:
  // `head` is where the log ends. `stored` is read for what `states` does not hold. The other three are not owned.
  CommitGroup(const Head& head, const DecisionStates& stored, const Catalog& catalog, DecidedStates& states);

  // Decides a command and adds what it makes. `now` is by the ledger's clock.
  [[nodiscard]] Answer decide(const Submission& submission, const Moment& now);

  // Adds an envelope as it is; why not, when it cannot follow (the group must then be dropped).
  [[nodiscard]] std::optional<Rejection> add_verbatim(const Envelope& envelope);

  // True when there is nothing to write.
  [[nodiscard]] bool empty() const noexcept;

  // What to append. Ends the group.
  [[nodiscard]] AppendBatch finish();

 private:
  [[nodiscard]] Answer decide_new(const Submission& submission, const Moment& now);
  [[nodiscard]] std::optional<Answer> recall(const Submission& submission, const ContentDigest& content, Time now);
  void remember(const Submission& submission, const ContentDigest& content, const Answer& answer, Time now);
  void append(RunId id, const Submission& submission, Event event, const Moment& now);
  void note_life(const Envelope& envelope, const RunState& state, const Moment& now);
  void apply(const Envelope& envelope);
  RunState& run(RunId id) override;
  IdentityState& identity(const Identity& identity) override;
  std::optional<LifeSign> life_sign(RunId run) override;
  Envelope event(Sequence sequence) override;
  ScopeSequence& scope(const Scope& scope);

  const DecisionStates& stored_;
  const Catalog& catalog_;
  DecidedStates& states_;
  const Sequence first_;  // Of the group: what comes before it is stored.
  Sequence next_;
  Time recorded_at_;
  AppendBatch batch_;
  std::unordered_set<RunId> touched_runs_;
  std::unordered_set<Identity> touched_identities_;
  std::unordered_map<CommandId, CommandRecord> commands_;
  std::unordered_map<RunId, std::optional<LifeSign>> life_signs_;
};

}  // namespace runledger
