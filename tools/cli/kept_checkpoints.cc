// Every checkpoint is compared by itself, since each may be of another history.
#include "tools/cli/kept_checkpoints.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/base/assert.h"
#include "ledger/base/damage.h"
#include "ledger/evidence/audit_key.h"
#include "ledger/evidence/prover.h"
#include "ledger/log/scope_trees.h"

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

// Derives the trees of scopes again for checkpoints of earlier sizes.
void compare_scopes(const EventLog& log, const Prover& prover, std::vector<KeptCheckpoint> extended,
                    VerifyReport& report) {
  std::sort(extended.begin(), extended.end(), [](const KeptCheckpoint& a, const KeptCheckpoint& b) {
    return a.checkpoint.tree.size < b.checkpoint.tree.size;
  });
  std::optional<ScopeDerivation> earlier;
  for (const KeptCheckpoint& kept : extended) {
    const std::uint64_t size = kept.checkpoint.tree.size;
    const bool is_newest = size == prover.tree().size;
    if (!is_newest && !earlier) earlier.emplace(log.store());
    if ((is_newest ? prover.scopes() : earlier->root_at(size)) == kept.checkpoint.scopes) continue;
    report.add({"checkpoint.other_scopes",
                {},
                {},
                fmt::format("{}: expected the root of the tree of scopes over the {} events that it names, found "
                            "another root",
                            kept.place, size)});
  }
}

}  // namespace

bool has_key_of(const std::filesystem::path& directory, std::span<const NoteVerifier> keys) {
  const std::vector<NoteVerifier> own = audit_keys(directory);
  return std::find_first_of(keys.begin(), keys.end(), own.begin(), own.end()) != keys.end();
}

std::vector<KeptCheckpoint> open_stored(const std::vector<StoredCheckpoint>& stored,
                                        const std::vector<NoteVerifier>& trusted,
                                        const std::filesystem::path& directory, VerifyReport& report) {
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
    kept.push_back({place, *checkpoint, has_key_of(directory, {&*verifier, 1})});
  }
  return kept;
}

std::size_t compare_checkpoints(const EventLog& log, const std::vector<KeptCheckpoint>& checkpoints,
                                VerifyReport& report) {
  std::size_t foreign = 0;
  if (checkpoints.empty()) return foreign;
  report.checkpoints = checkpoints.size();
  try {
    const Prover prover(log);
    std::vector<KeptCheckpoint> extended;  // Of those that name a tree of scopes.
    for (const KeptCheckpoint& kept : checkpoints) {
      if (std::optional<Finding> finding = compare(prover, kept)) {
        report.add(*std::move(finding));
      } else if (kept.checkpoint.scopes && kept.is_own) {
        extended.push_back(kept);
      } else if (kept.checkpoint.scopes) {
        ++foreign;
      }
    }
    compare_scopes(log, prover, std::move(extended), report);
  } catch (const Damaged& damaged) {
    report.add({"checkpoint.not_compared", {}, {}, damaged.found()});
  }
  return foreign;
}

}  // namespace runledger
