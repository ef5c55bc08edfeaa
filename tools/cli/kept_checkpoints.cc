// Every checkpoint is compared by itself, since each may be of another history.
#include "tools/cli/kept_checkpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/base/damage.h"
#include "ledger/base/failure.h"
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

// Older programs did not name what was erased.
void compare_erased(const LedgerEvents& events, const KeptCheckpoint& kept, VerifyReport& report) {
  const Sequence last{kept.checkpoint.tree.size};
  if (!kept.checkpoint.erased || *kept.checkpoint.erased == erased_keys(events, last)) return;
  report.add(
      {"checkpoint.other_erasures",
       {},
       {},
       fmt::format("{}: expected the keys that the {} events have erased, found others", kept.place, last.value)});
}

// The ledger that signed a checkpoint, by the origin that a ledger has by default. One with another origin is taken for
// this one.
LedgerId signer_of(const Checkpoint& checkpoint, LedgerId own) {
  constexpr std::string_view kPrefix = "runledger/";
  if (!checkpoint.origin.starts_with(kPrefix)) return own;
  const Result<Uuid> id = parse_uuid(checkpoint.origin.substr(kPrefix.size()), "origin");
  return id ? LedgerId{*id} : own;
}

// Compares the trees of scopes that checkpoints name with those of the log, and counts the ones that are left open.
class ScopeComparison {
 public:
  ScopeComparison(const EventLog& log, const Prover& prover, VerifyReport& report)
      : log_(log), prover_(prover), report_(report) {}

  void add(const KeptCheckpoint& kept) {
    const LedgerId own = log_.store().ledger_id();
    by_ledger_[kept.is_own ? own : signer_of(kept.checkpoint, own)].push_back(kept);
  }

  std::size_t compare() {
    std::size_t open = 0;
    for (auto& [ledger, kept] : by_ledger_) {
      // A derivation goes forwards only.
      std::sort(kept.begin(), kept.end(), [](const KeptCheckpoint& a, const KeptCheckpoint& b) {
        return a.checkpoint.tree.size < b.checkpoint.tree.size;
      });
      open += compare(ledger, kept);
    }
    return open;
  }

 private:
  std::size_t compare(LedgerId ledger, const std::vector<KeptCheckpoint>& sorted) {
    const bool is_own_id = ledger == log_.store().ledger_id();
    std::size_t open = 0;
    std::optional<ScopeDerivation> earlier;
    for (const KeptCheckpoint& kept : sorted) {
      const std::uint64_t size = kept.checkpoint.tree.size;
      const bool is_newest = is_own_id && size == prover_.tree().size;
      if (!is_newest && !earlier) earlier.emplace(log_.store(), ledger);
      if ((is_newest ? prover_.scopes() : earlier->root_at(size)) == kept.checkpoint.scopes) continue;
      if (kept.is_own || (is_own_id && names(kept.checkpoint, ledger)))
        report_differs(kept, size);
      else
        ++open;
    }
    return open;
  }

  static bool names(const Checkpoint& checkpoint, LedgerId ledger) {
    return checkpoint.origin.ends_with(format_uuid(ledger.value));
  }

  void report_differs(const KeptCheckpoint& kept, std::uint64_t size) {
    report_.add({"checkpoint.other_scopes",
                 {},
                 {},
                 fmt::format("{}: expected the root of the tree of scopes over the {} events that it names, found "
                             "another root",
                             kept.place, size)});
  }

  const EventLog& log_;
  const Prover& prover_;
  VerifyReport& report_;
  std::map<LedgerId, std::vector<KeptCheckpoint>> by_ledger_;
};

}  // namespace

std::optional<Checkpoint> newest_checkpoint(const std::filesystem::path& directory) {
  try {
    return last_checkpoint(directory);
  } catch (const Failure& failure) {
    if (failure.code() != "ledger.not_writable") throw;
    return std::nullopt;
  }
}

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
  if (checkpoints.empty()) return 0;
  report.checkpoints = checkpoints.size();
  try {
    const Prover prover(log);
    const LedgerEvents events = LedgerEvents::stored_in(log.store());
    ScopeComparison scopes(log, prover, report);
    for (const KeptCheckpoint& kept : checkpoints) {
      if (std::optional<Finding> finding = compare(prover, kept)) {
        report.add(*std::move(finding));
        continue;
      }
      compare_erased(events, kept, report);
      if (kept.checkpoint.scopes) scopes.add(kept);
    }
    return scopes.compare();
  } catch (const Damaged& damaged) {
    report.add({"checkpoint.not_compared", {}, {}, damaged.found()});
    return 0;
  }
}

}  // namespace runledger
