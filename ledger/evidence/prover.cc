// Everything is checked before it is handed out. What does not stand was made from damaged tiles, which are then made
// again.
#include "ledger/evidence/prover.h"

#include <fmt/format.h>

#include "ledger/base/damage.h"
#include "ledger/base/failure.h"
#include "ledger/log/merkle.h"

namespace runledger {
namespace {

constexpr std::size_t kEventsPerRead = 64;  // An event may have 64 KiB.
constexpr std::size_t kHashLineBytes = 45;

constexpr std::size_t base64_size(std::size_t bytes) {
  return (bytes + 2) / 3 * 4;
}

// Returns what `make` returns, or nullopt when `check` does not accept it or the tiles are damaged.
template <class Make, class Check>
auto made_well(const Make& make, const Check& check) -> std::optional<decltype(make())> {
  try {
    if (auto made = make(); check(made)) return made;
  } catch (const Failure& failure) {
    if (failure.code() != "rows.damaged") throw;
  }
  return std::nullopt;
}

// Returns what `make` returns once `check` accepts it. Makes the tiles again, once, when it does not; what is then
// still not accepted comes from a damaged log.
template <class Make, class Check>
auto made_of(const EventLog& log, const HashTiles& tiles, const Make& make, const Check& check) {
  if (auto made = made_well(make, check)) return *std::move(made);
  return tiles.alone([&] {
    // Another thread may have made the tiles again meanwhile.
    if (auto made = made_well(make, check)) return *std::move(made);
    tiles.rebuild([&log] { return log.head(); });
    if (auto made = made_well(make, check)) return *std::move(made);
    throw_damaged("expected hashes that lead to the root of the log, found others");
  });
}

// The first events of a log, and the proof that a later tree extends theirs.
struct Beginning {
  TreeHead tree;
  TreeProof proof;
};

// Proves what the log itself had, whatever a checkpoint says: the tiles of a log with another history are not damaged.
Beginning beginning(const EventLog& log, const HashTiles& tiles, std::uint64_t size, const TreeHead& whole) {
  return made_of(
      log, tiles,
      [&] {
        return Beginning{{size, tree_root(tiles.source(), size)}, consistency_proof(tiles.source(), size, whole.size)};
      },
      [&](const Beginning& made) { return is_extension(made.tree, whole, made.proof); });
}

Relation relation_between(const EventLog& log, const HashTiles& tiles, const TreeHead& whole, const TreeHead& old) {
  if (old.size > whole.size) return Relation::kIsShorter;
  return beginning(log, tiles, old.size, whole).tree == old ? Relation::kExtends : Relation::kOtherHistory;
}

[[noreturn]] void throw_not_extended(Relation relation, const TreeHead& old, std::uint64_t size) {
  if (relation == Relation::kIsShorter)
    throw Failure(Remedy::kDamageFound, "checkpoint.ahead",
                  fmt::format("expected the ledger to hold the {} events of an earlier checkpoint, found {}: an older "
                              "copy was put back, or its end was lost",
                              old.size, size));
  throw Failure(
      Remedy::kDamageFound, "checkpoint.other_history",
      fmt::format("expected the ledger to begin with the {} events of an earlier checkpoint, found others", old.size));
}

}  // namespace

Prover::Prover(const EventLog& log, HashTiles::Interrupted interrupted) : log_(log), tiles_(log.store(), interrupted) {
  const auto newest = [&log] { return log.head(); };
  ScopeTrees(log.store(), std::move(interrupted)).at_head(newest, [this](const ScopesAtHead& scopes) {
    head_ = scopes.head();
    scopes_ = scopes.root();
  });
  (void)tiles_.catch_up(newest);
}

Prover::Prover(const EventLog& log, const ScopesAtHead& scopes, HashTiles::Interrupted interrupted)
    : log_(log), tiles_(log.store(), std::move(interrupted)), head_(scopes.head()), scopes_(scopes.root()) {
  (void)tiles_.catch_up([&log] { return log.head(); });
}

Relation Prover::relation_to(const TreeHead& old) const {
  return relation_between(log_, tiles_, tree(), old);
}

TreeProof Prover::require_extends(const TreeHead& old) const {
  if (old.size > head_.sequence.value) throw_not_extended(Relation::kIsShorter, old, head_.sequence.value);
  Beginning begun = beginning(log_, tiles_, old.size, tree());
  if (begun.tree != old) throw_not_extended(Relation::kOtherHistory, old, head_.sequence.value);
  return std::move(begun.proof);
}

std::string Prover::checkpoint(const AuditKey& key) const {
  if (const std::optional<Checkpoint> last = key.last()) (void)require_extends(last->tree);
  return key.sign(tree(), scopes_, erased_keys(LedgerEvents::stored_in(log_.store()), head_.sequence));
}

NoteVerifier Prover::rotate(const AuditKey& key) const {
  const NoteSigner next{key.signer().name, Ed25519Key::random()};
  rotate(key, next);
  return next.verifier();
}

void Prover::rotate(const AuditKey& key, const NoteSigner& next) const {
  if (const std::optional<Checkpoint> last = key.last()) (void)require_extends(last->tree);
  key.rotate(tree(), next);
}

IncludedEvent Prover::included(Sequence sequence) const {
  IncludedEvent event{.sequence = sequence, .stored = {}, .proof = {}};
  log_.scan(Sequence{sequence.value - 1}, sequence, [&](const Envelope&, std::string_view bytes) {
    event.stored = bytes;
    return Scan::kStop;
  });
  const Digest<32> leaf = merkle_leaf(event.stored);
  event.proof = made_of(
      log_, tiles_, [&] { return inclusion_proof(tiles_.source(), sequence.value - 1, head_.sequence.value); },
      [&](const TreeProof& made) { return is_included(leaf, sequence.value - 1, tree(), made); });
  return event;
}

Result<std::string> Prover::prove_event(Sequence sequence, const AuditKey& key) const {
  if (sequence.value == 0 || sequence > head_.sequence)
    return reject("event.not_found",
                  fmt::format("expected an event from 1 to {}, found {}", head_.sequence.value, sequence.value));
  const IncludedEvent event = included(sequence);
  return event_proof_file(event.stored, sequence, event.proof, checkpoint(key));
}

Result<std::string> Prover::prove_run(RunId run, const AuditKey& key) const {
  std::vector<IncludedEvent> events;
  std::size_t bytes = kNoteBytesMax;
  RunVersion after;
  for (bool has_more = true; has_more;) {
    const std::vector<Envelope> page = log_.read_run(run, head_.sequence, after, kEventsPerRead);
    for (const Envelope& envelope : page) {
      events.push_back(included(envelope.sequence));
      bytes += base64_size(events.back().stored.size()) + kHashLineBytes * (events.back().proof.size() + 2);
      if (bytes > kProofBytesMax)
        return reject(
            "proof.too_large",
            fmt::format("expected a run whose proof has at most {} bytes, found one with more events", kProofBytesMax));
    }
    has_more = page.size() == kEventsPerRead;
    if (has_more) after = page.back().run_version;
  }
  if (events.empty())
    return reject("run.not_found", fmt::format("expected run {} to exist, found none", format_uuid(run.value)));
  return run_proof_file(run, events, checkpoint(key));
}

Result<std::string> Prover::prove_extension(std::string_view old_checkpoint, const AuditKey& key) const {
  const Result<Checkpoint> old = open_checkpoint(old_checkpoint, key.keys());
  if (!old) return old.rejection();
  const TreeProof proof = require_extends(old->tree);
  return extension_proof_file(proof, old_checkpoint, checkpoint(key));
}

Relation relation_of(const EventLog& log, const TreeHead& old) {
  const HashTiles tiles(log.store());
  const Head head = tiles.catch_up([&log] { return log.head(); });
  return relation_between(log, tiles, {head.sequence.value, head.tree.root()}, old);
}

TreeProof prove_growth(const EventLog& log, std::uint64_t from, const TreeHead& to,
                       const HashTiles::Interrupted& interrupted) {
  return beginning(log, HashTiles(log.store(), interrupted), from, to).proof;
}

void prepare_proofs(const EventLog& log, const HashTiles::Interrupted& interrupted) {
  if (!has_audit_key(log.store().directory())) return;
  const auto newest = [&log] { return log.head(); };
  try {
    (void)HashTiles(log.store(), interrupted).catch_up(newest);
    ScopeTrees(log.store(), interrupted).at_head(newest, [](const ScopesAtHead&) {});
  } catch (const Failure&) {  // The copy is wanted all the same: `verify` may be looking for what is damaged.
  }
}

}  // namespace runledger
