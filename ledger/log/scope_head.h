// What a ledger commits to for each scope: its events, and the events of each of its runs.
//
// A sparse Merkle tree of fixed depth has one entry for each scope, and a compact one for each scope has an entry for
// each of its runs (ledger/log/sparse_proof.h). Nothing in the entry of a scope depends on other scopes.
#pragma once

#include <array>
#include <cstdint>

#include "ledger/log/merkle.h"
#include "ledger/log/sparse_proof.h"
#include "ledger/log/tree_proof.h"
#include "ledger/rules/identity.h"
#include "ledger/values/names.h"
#include "ledger/values/uuid.h"

namespace runledger {

struct ScopeHead {
  Digest<32> events;  // By hash_of_head(), of the tree over the stored bytes of the scope's events, in their order.
  Digest<32> runs;    // The root of the tree of its runs.
  friend bool operator==(const ScopeHead&, const ScopeHead&) = default;
};

[[nodiscard]] TreeHead head_of(const MerkleFrontier& events);
// Returns the SHA-256 of a byte 2, the size (8 bytes, big-endian) and the root. It hides the size from a reader who
// does not know the root.
[[nodiscard]] Digest<32> hash_of_head(const TreeHead& head);

// Returns the key of a scope: the SHA-256 of a byte 3, the salt, and the names, each after its length (4 bytes,
// big-endian); the tenant is left out where there is none. One scope has one key under a salt.
[[nodiscard]] Digest<32> scope_key(const Digest<32>& salt, const Scope& scope);
// The entry of a scope. Its value is the SHA-256 of a byte 4, the nonce, and both digests of the head.
[[nodiscard]] SparseEntry scope_entry(const Digest<32>& key, const ScopeHead& head, const Digest<32>& nonce);

// Returns the key of a run: the SHA-256 of a byte 5 and the id.
[[nodiscard]] Digest<32> run_key(RunId run);
// The entry of a run with the tree over the stored bytes of its events. Its value is hash_of_head().
[[nodiscard]] SparseEntry run_entry(RunId run, const TreeHead& events);
// Stands for subtrees without runs: zeros.
[[nodiscard]] Digest<32> empty_runs(unsigned depth, Place prefix);

// What is secret in the tree of scopes, derived from the ledger's identity key and id. Any thread may use it.
class ScopeSecrets {
 public:
  ScopeSecrets(const IdentityKey& key, LedgerId ledger);

  // Which goes into keys of scopes. Readers of proofs get it, so that they can compute the key of their scope.
  [[nodiscard]] const Digest<32>& salt() const { return salt_; }
  // Stands for subtrees without scopes. A reader of proofs cannot tell it from the hash of one with scopes.
  [[nodiscard]] Digest<32> fill(unsigned depth, Place prefix) const;
  // Hides the head of a scope with so many events from readers of proofs of other scopes.
  [[nodiscard]] Digest<32> nonce(const Digest<32>& scope_key, std::uint64_t events) const;
  // Tells secrets apart without revealing them.
  [[nodiscard]] Digest<8> id() const;

 private:
  Digest<32> salt_;
  std::array<unsigned char, 32> filling_{};
  std::array<unsigned char, 32> nonces_{};
};

}  // namespace runledger
