// A proof that does not stand its own check was made from damaged tiles, which are then made again, once.
#include "ledger/evidence/prover.h"

#include <fmt/format.h>

#include "ledger/base/damage.h"
#include "ledger/base/failure.h"
#include "ledger/evidence/proof_file.h"
#include "ledger/log/merkle.h"

namespace runledger {
namespace {

// Calls `make` until `check` accepts what it returns, at most twice.
template <class Make, class Check>
TreeProof proof_from(const HashTiles& tiles, const Head& head, const Make& make, const Check& check) {
  try {
    if (TreeProof proof = make(); check(proof)) return proof;
  } catch (const Failure& failure) {
    if (failure.code() != "rows.damaged") throw;
  }
  tiles.rebuild(head);
  return make();
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

Prover::Prover(const EventLog& log) : log_(log), head_(log.head()), tiles_(log.store()) {
  tiles_.catch_up(head_);
}

TreeProof Prover::extension_of(const TreeHead& old) const {
  return proof_from(
      tiles_, head_, [&] { return consistency_proof(tiles_.source(), old.size, head_.sequence.value); },
      [&](const TreeProof& proof) { return is_extension(old, tree(), proof); });
}

Relation Prover::relation_to(const TreeHead& old) const {
  if (old.size > head_.sequence.value) return Relation::kIsShorter;
  return is_extension(old, tree(), extension_of(old)) ? Relation::kExtends : Relation::kOtherHistory;
}

std::string Prover::checkpoint(const AuditKey& key) const {
  if (const std::optional<Checkpoint> last = key.last()) {
    const Relation relation = relation_to(last->tree);
    if (relation != Relation::kExtends) throw_not_extended(relation, last->tree, head_.sequence.value);
  }
  return key.sign(tree());
}

Result<std::string> Prover::prove_event(Sequence sequence, const AuditKey& key) const {
  if (sequence.value == 0 || sequence > head_.sequence)
    return reject("event.not_found",
                  fmt::format("expected an event from 1 to {}, found {}", head_.sequence.value, sequence.value));
  std::string stored;
  log_.scan(Sequence{sequence.value - 1}, sequence, [&](const Envelope&, std::string_view bytes) {
    stored = bytes;
    return Scan::kStop;
  });
  const auto stands = [&](const TreeProof& proof) {
    return is_included(merkle_leaf(stored), sequence.value - 1, tree(), proof);
  };
  const TreeProof proof = proof_from(
      tiles_, head_, [&] { return inclusion_proof(tiles_.source(), sequence.value - 1, head_.sequence.value); },
      stands);
  if (!stands(proof))
    throw_damaged(
        fmt::format("event {}: expected its stored bytes in the tree of the log, found others", sequence.value));
  return event_proof_file(stored, sequence, proof, checkpoint(key));
}

Result<std::string> Prover::prove_extension(std::string_view old_checkpoint, const AuditKey& key) const {
  const Result<Checkpoint> old = open_checkpoint(old_checkpoint, key.signer().verifier());
  if (!old) return old.rejection();
  const Relation relation = relation_to(old->tree);
  if (relation != Relation::kExtends) throw_not_extended(relation, old->tree, head_.sequence.value);
  return extension_proof_file(extension_of(old->tree), old_checkpoint, checkpoint(key));
}

void prepare_proofs(const EventLog& log) {
  if (!has_audit_key(log.store().directory())) return;
  try {
    HashTiles(log.store()).catch_up(log.head());
  } catch (const Failure&) {  // The copy is wanted all the same: `verify` may be looking for what is damaged.
  }
}

}  // namespace runledger
