// Makes checkpoints and proofs of an open log.
#pragma once

#include <string>
#include <string_view>

#include "ledger/evidence/audit_key.h"
#include "ledger/evidence/proof_file.h"
#include "ledger/log/event_log.h"
#include "ledger/log/hash_tiles.h"
#include "ledger/log/scope_trees.h"

namespace runledger {

// How a log relates to a checkpoint.
enum class Relation {
  kExtends,       // The log begins with the events of the checkpoint.
  kIsShorter,     // The log has fewer events than the checkpoint.
  kOtherHistory,  // The first events of the log are others.
};

// Proves what the log had when the prover was made. Everything that it returns was checked before, as a reader would
// check it. The costs grow with the logarithm of the log's length, and with the events since a prover was made last.
// Every function throws Failure "storage.damaged" when the log is damaged, and others as HashTiles does.
class Prover {
 public:
  // `log` is not owned and must outlive the prover. Hashes the events that have no hashes yet, and has the trees of
  // scopes follow, unless it is interrupted.
  explicit Prover(const EventLog& log, HashTiles::Interrupted interrupted = {});
  // Proves what the log had at the head of these trees.
  Prover(const EventLog& log, const ScopesAtHead& scopes, HashTiles::Interrupted interrupted = {});

  [[nodiscard]] TreeHead tree() const { return {head_.sequence.value, head_.tree.root()}; }
  // The root of the tree of scopes over the same events.
  [[nodiscard]] const Digest<32>& scopes() const { return scopes_; }
  [[nodiscard]] Relation relation_to(const TreeHead& old) const;
  // Throws Failure "checkpoint.ahead" or "checkpoint.other_history" unless the log extends `old`, and otherwise returns
  // the proof of it.
  [[nodiscard]] TreeProof require_extends(const TreeHead& old) const;

  // Returns a checkpoint that is signed with `key` and names the root of the tree of scopes and the keys that were
  // erased. Throws Failure "checkpoint.ahead" or "checkpoint.other_history", and signs nothing, when the log does not
  // extend the last checkpoint that was signed.
  [[nodiscard]] std::string checkpoint(const AuditKey& key) const;

  // Replaces the key by a new one, and returns that: both sign the log as it is. Throws as checkpoint() does, and then
  // has not replaced the key.
  NoteVerifier rotate(const AuditKey& key) const;
  // The same with this key, which has the name of the old one.
  void rotate(const AuditKey& key, const NoteSigner& next) const;

  // Return the file of a proof, with a checkpoint as checkpoint() makes it. An event or run that does not exist is
  // refused with "event.not_found" or "run.not_found", and a run with so many events that the file would have more than
  // kProofBytesMax with "proof.too_large". A file that is no checkpoint of this key, or of one that was
  // rotated to it, is refused as open_checkpoint() does; throws as checkpoint() does when the log does not extend it.
  [[nodiscard]] Result<std::string> prove_event(Sequence sequence, const AuditKey& key) const;
  [[nodiscard]] Result<std::string> prove_run(RunId run, const AuditKey& key) const;
  [[nodiscard]] Result<std::string> prove_extension(std::string_view old_checkpoint, const AuditKey& key) const;

 private:
  [[nodiscard]] IncludedEvent included(Sequence sequence) const;

  const EventLog& log_;
  HashTiles tiles_;
  Head head_;
  Digest<32> scopes_;  // The root of the tree of scopes as of the head.
};

// Returns how the log relates to a checkpoint, as Prover::relation_to() does, without having the trees of scopes
// follow.
[[nodiscard]] Relation relation_of(const EventLog& log, const TreeHead& old);

// Returns the proof that the tree `to`, which `log` has had, extends the tree over its first `from` events, with from
// <= to.size. It is checked as those of a Prover are, and costs as much, but hashes no new events. Throws as a Prover
// does.
[[nodiscard]] TreeProof prove_growth(const EventLog& log, std::uint64_t from, const TreeHead& to,
                                     const HashTiles::Interrupted& interrupted);

// Hashes the events of a log that belongs to a ledger with an audit key, and has the trees of scopes follow, so that a
// copy of the ledger needs not do so. When that fails or is interrupted, the copy does the rest itself, and reports
// what is wrong.
void prepare_proofs(const EventLog& log, const HashTiles::Interrupted& interrupted = {});

}  // namespace runledger
