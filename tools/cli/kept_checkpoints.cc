// Every checkpoint is compared by itself, since each may be of another history.
#include "tools/cli/kept_checkpoints.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/base/assert.h"
#include "ledger/base/damage.h"
#include "ledger/evidence/prover.h"

namespace runledger {
namespace {

std::string expected_of(const KeptCheckpoint& kept) {
  return fmt::format("{}: expected the log to begin with the {} events that it names", kept.place,
                     kept.checkpoint.tree.size);
}

std::optional<Finding> compare(const Prover& prover, const KeptCheckpoint& kept) {
  switch (prover.relation_to(kept.checkpoint.tree)) {
    case Relation::kExtends:
      return std::nullopt;
    case Relation::kIsShorter:
      return Finding{"checkpoint.ahead", {}, {}, fmt::format("{}, found {}", expected_of(kept), prover.tree().size)};
    case Relation::kOtherHistory:
      return Finding{"checkpoint.other_history", {}, {}, expected_of(kept) + ", found others"};
  }
  RUNLEDGER_ASSERT(false);
}

}  // namespace

std::vector<KeptCheckpoint> open_stored(const std::vector<StoredCheckpoint>& stored,
                                        const std::vector<NoteVerifier>& trusted, VerifyReport& report) {
  std::vector<KeptCheckpoint> kept;
  for (const StoredCheckpoint& each : stored) {
    const std::string place = fmt::format("the checkpoint of {} in Postgres", each.signed_at);
    const Result<NoteVerifier> verifier = NoteVerifier::parse(each.verifier_key);
    const Result<Checkpoint> checkpoint =
        verifier ? open_checkpoint(each.note, *verifier) : Result<Checkpoint>(verifier.rejection());
    if (!checkpoint) {
      report.add({checkpoint.rejection().code, {}, {}, place + ": " + checkpoint.rejection().detail.str()});
      continue;
    }
    if (!trusted.empty() && std::find(trusted.begin(), trusted.end(), *verifier) == trusted.end())
      report.add({"checkpoint.other_key",
                  {},
                  {},
                  fmt::format("{}: expected the signature of {}, found that of {}", place, trusted.back().format(),
                              verifier->format())});
    kept.push_back({place, *checkpoint});
  }
  return kept;
}

void compare_checkpoints(const EventLog& log, const std::vector<KeptCheckpoint>& checkpoints, VerifyReport& report) {
  if (checkpoints.empty()) return;
  report.checkpoints = checkpoints.size();
  try {
    const Prover prover(log);
    for (const KeptCheckpoint& kept : checkpoints) {
      if (std::optional<Finding> finding = compare(prover, kept)) report.add(*std::move(finding));
    }
  } catch (const Damaged& damaged) {
    report.add({"checkpoint.not_compared", {}, {}, damaged.found()});
  }
}

}  // namespace runledger
