// What `restore` learns from outside of the backup: how far the lost ledger had come, and what it had erased.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "ledger/backup/backup.h"
#include "ledger/backup/known_erasures.h"
#include "ledger/evidence/checkpoint.h"
#include "projections/postgres/mirror_mark.h"

namespace runledger {

// Where it may come from. All of it may be left out.
struct EvidenceSources {
  std::optional<std::uint64_t> reached = {};   // As the user says.
  std::vector<Checkpoint> checkpoints = {};    // Of the ledger; their signatures were checked.
  std::optional<MirrorOptions> mirror = {};    // The mirror, with the checkpoints that are stored beside it.
  std::vector<NoteVerifier> mirror_keys = {};  // One of them must have signed these.
  std::vector<Backup> backups = {};            // Of the same ledger, besides the one that is restored.
};

struct OutsideEvidence {
  Sequence mark;  // The newest event that anything names; zero when nothing does.
  std::optional<MirrorMark> mirror = {};
  KnownErasures erasures = {};
  // The stored checkpoints of later events that none of the keys has signed: what they say of erasures does not count,
  // because a key that is destroyed by mistake does not come back.
  std::size_t untrusted_checkpoints = 0;
};

// Reads and compares all of it with `log`, which is as it was backed up. Throws Failure "checkpoint.other_history" when
// it does not begin with the events of a checkpoint of at most as many, and as read_mirror_mark() does. Refuses
// "mirror.not_found" when the database knows nothing of the ledger: a wrong DSN or schema must not hide what is lost.
[[nodiscard]] OutsideEvidence gather_evidence(const EventLog& log, const EvidenceSources& sources);

}  // namespace runledger
