// Every source may say how far the ledger had come; checkpoints and newer backups also say what was erased.
#include "tools/cli/restoring/outside_evidence.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/base/failure.h"
#include "ledger/evidence/prover.h"
#include "tools/cli/restoring/lost_mirror.h"

namespace runledger {
namespace {

MirrorMark require_mirror(const MirrorOptions& options, const EventLog& log) {
  if (std::optional<MirrorMark> mark = read_mirror_mark(options, log)) return *std::move(mark);
  refuse_unknown_mirror(options);
}

// A checkpoint that is no longer than the backup must be one of its history.
void require_same_history(const EventLog& log, const Checkpoint& checkpoint) {
  if (relation_of(log, checkpoint.tree) == Relation::kOtherHistory)
    throw Failure(Remedy::kDamageFound, "checkpoint.other_history",
                  fmt::format("expected the backup to begin with the {} events of the checkpoint, found others",
                              checkpoint.tree.size));
}

void take_erasures(const Checkpoint& checkpoint, std::string_view where, KnownErasures& erasures) {
  erasures.add(fmt::format("a checkpoint of {} events{}", checkpoint.tree.size, where), Sequence{checkpoint.tree.size},
               checkpoint.erased.value_or(ErasedKeys{}));
}

// Returns whether one of `keys` has signed it.
bool take_stored(const StoredCheckpoint& stored, const std::vector<NoteVerifier>& keys, KnownErasures& erasures) {
  const Result<NoteVerifier> verifier = NoteVerifier::parse(stored.verifier_key);
  if (!verifier || std::find(keys.begin(), keys.end(), *verifier) == keys.end()) return false;
  const Result<Checkpoint> checkpoint = open_checkpoint(stored.note, *verifier);
  if (checkpoint) take_erasures(*checkpoint, " in Postgres", erasures);
  return static_cast<bool>(checkpoint);
}

}  // namespace

OutsideEvidence gather_evidence(const EventLog& log, const EvidenceSources& sources) {
  OutsideEvidence found{.mark = Sequence{sources.reached.value_or(0)}};
  for (const Checkpoint& checkpoint : sources.checkpoints) {
    require_same_history(log, checkpoint);
    found.mark = std::max(found.mark, Sequence{checkpoint.tree.size});
    take_erasures(checkpoint, "", found.erasures);
  }
  for (const Backup& backup : sources.backups)
    found.erasures.add("backup " + backup.name, backup.sequence,
                       {.total = backup.erased_keys.size(), .newest = backup.erased_keys});
  if (!sources.mirror) return found;
  found.mirror = require_mirror(*sources.mirror, log);
  found.mark = std::max(found.mark, found.mirror->signed_size);
  if (found.mirror->code != "mirror.other_ledger") found.mark = std::max(found.mark, found.mirror->checkpoint);
  for (const StoredCheckpoint& stored : found.mirror->newer) {
    if (!take_stored(stored, sources.mirror_keys, found.erasures)) ++found.untrusted_checkpoints;
  }
  return found;
}

}  // namespace runledger
