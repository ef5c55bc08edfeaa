// What a decision is made on, looked up in one place for everything that decides.
#pragma once

#include <optional>

#include "ledger/rules/lease.h"
#include "ledger/rules/run.h"

namespace runledger {

// Where states are found: the sequencer has them as they stand after what it decided last, written or not; explain()
// (ledger/explain.h) takes them from the log. What a source gives stays valid for as long as the source.
class FactSource {
 public:
  // A state that does not exist is a default one.
  [[nodiscard]] virtual const RunState& run(RunId id) = 0;
  [[nodiscard]] virtual const IdentityState& identity(const Identity& identity) = 0;
  [[nodiscard]] virtual std::optional<LifeSign> life_sign(RunId run) = 0;
  // One that a state names. Throws Failure "storage.damaged" when it is missing.
  [[nodiscard]] virtual Envelope event(Sequence sequence) = 0;

 protected:
  ~FactSource() = default;
};

// What the decisions of one moment have in common.
struct DecisionContext {
  const Catalog& catalog;  // The ledger's own; the line of a journal brings its rules along.
  Moment now;              // By the ledger's clock; the line of a journal brings its time along.
  Sequence next;           // As Facts::next.
  std::optional<SteadyTime> leases_renewed_at = {};  // As lease_left() has it.
};

// Valid for as long as `source`, the submission and the catalog. Requires occurred_at of an imported submission.
[[nodiscard]] Facts load_facts(FactSource& source, const Submission& submission, const DecisionContext& context);

// The request that a command makes or contains; null where it does neither.
[[nodiscard]] const RequestRun* request_in(const Command& command);

}  // namespace runledger
