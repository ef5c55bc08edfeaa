// The rule. docs/cluster.md says why it suffices.
//
// Two findings look like records of no consequence and are none: a record of a leader whose fence this reader has not
// read, and a commit that leaves one out. A leader writes in its epoch only after it has read its own fence, and one
// commit after the other. Whoever reads such a record has therefore missed others, and would miss all later ones too if
// it passed them over.
#include "ledger/shard/admission.h"

namespace runledger {
namespace {

RecordVerdict take_commit(Admission& state, const ShardCommit& commit) {
  if (commit.number <= state.commits) return RecordVerdict::kPassedOver;  // A second copy.
  if (commit.number != state.commits + 1) return RecordVerdict::kDiverged;
  if (commit.first != state.head().next() || commit.root_before != state.tree.root()) return RecordVerdict::kDiverged;
  state.commits = commit.number;
  for (const std::string& event : commit.events) state.tree.append(event);
  return RecordVerdict::kAdmitted;
}

}  // namespace

RecordVerdict Admission::take(const ShardRecord& record) {
  if (const auto* fence = std::get_if<ShardFence>(&record)) {
    if (fence->shard != shard) return RecordVerdict::kForeign;
    if (fence->owner.epoch <= owner.epoch) return RecordVerdict::kPassedOver;
    owner = fence->owner;
    resigned = false;
    commits = 0;
    return RecordVerdict::kAdmitted;
  }
  const ShardOwner& writer = owner_of(record);
  if (writer.epoch < owner.epoch) return RecordVerdict::kPassedOver;  // It was deposed.
  if (writer != owner) return RecordVerdict::kDiverged;
  if (resigned) return RecordVerdict::kPassedOver;
  if (const auto* commit = std::get_if<ShardCommit>(&record)) return take_commit(*this, *commit);
  resigned = std::holds_alternative<ShardResigned>(record);
  return RecordVerdict::kAdmitted;
}

}  // namespace runledger
