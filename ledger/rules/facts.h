// Looks up the facts for a decision, in one place for every caller that decides.
#pragma once

#include <optional>

#include "ledger/rules/content_digests.h"
#include "ledger/rules/lease.h"
#include "ledger/rules/run.h"

namespace runledger {

// Where load_facts() finds the states. The sequencer's source has the states after its latest decision, written or not;
// the source of explain() (ledger/explain.h) reads them from the log. The references stay valid as long as the source.
// A source need not be thread-safe.
class FactSource {
 public:
  // Both return a default state for a run or identity that does not exist.
  [[nodiscard]] virtual const RunState& run(RunId id) = 0;
  [[nodiscard]] virtual const IdentityState& identity(const Identity& identity) = 0;
  [[nodiscard]] virtual std::optional<LifeSign> life_sign(RunId run) = 0;
  // Returns the number of events of the scope.
  [[nodiscard]] virtual ScopeSequence scope_count(const Scope& scope) = 0;

 protected:
  ~FactSource() = default;
};

// The facts that all decisions of one moment share.
struct DecisionContext {
  const Catalog& catalog;  // The ledger's own; a request and a line of a journal bring their rules instead.
  Moment now;              // By the ledger's clock; a line of a journal brings its own time instead.
  Sequence next;           // See Facts::next.
  const ContentKey& contents;
  std::optional<SteadyTime> leases_renewed_at = {};  // See `renewed_at` of lease_left().
};

// Returns facts that are valid as long as `source`, the submission and the catalog. Requires that an imported
// submission has occurred_at.
[[nodiscard]] Facts load_facts(FactSource& source, const Submission& submission, const DecisionContext& context);

// Returns the request that a command is or contains, or null when it has no request.
[[nodiscard]] const RequestRun* request_in(const Command& command);
[[nodiscard]] RequestRun* request_in(Command& command);

// Returns the run that a command names, or would make; zero when it names none.
[[nodiscard]] RunId run_named_by(const Command& command);

}  // namespace runledger
