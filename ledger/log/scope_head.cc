// Each kind of digest begins with a byte of its own; 0 and 1 are those of Merkle trees.
#include "ledger/log/scope_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "ledger/base/big_endian.h"
#include "ledger/values/sha256.h"

namespace runledger {
namespace {

std::string counted(std::string_view name) {
  std::string text;
  append_big_endian(text, static_cast<std::uint32_t>(name.size()));
  return text.append(name);
}

std::array<unsigned char, 32> derived(const IdentityKey& key, std::string_view purpose, LedgerId ledger) {
  return hkdf_sha256(view_of(key.bytes), fmt::format("runledger scopes {} {}", purpose, format_uuid(ledger.value)));
}

}  // namespace

TreeHead head_of(const MerkleFrontier& events) {
  return {events.size(), events.root()};
}

Digest<32> hash_of_head(const TreeHead& head) {
  std::string size;
  append_big_endian(size, head.size);
  return sha256({"\2", size, bytes_of(head.root)});
}

Digest<32> scope_key(const Digest<32>& salt, const Scope& scope) {
  const std::string tenant = scope.tenant ? counted(scope.tenant->str()) : "";
  return sha256({"\3", bytes_of(salt), counted(scope.workspace.str()), tenant});
}

SparseEntry scope_entry(const Digest<32>& key, const ScopeHead& head, const Digest<32>& nonce) {
  return {key, sha256({"\4", bytes_of(nonce), bytes_of(head.events), bytes_of(head.runs)})};
}

Digest<32> run_key(RunId run) {
  return sha256({"\5", run.value.view()});
}

SparseEntry run_entry(RunId run, const TreeHead& events) {
  return {run_key(run), hash_of_head(events)};
}

Digest<32> empty_runs(unsigned /*depth*/, Place /*prefix*/) {
  return {};
}

ScopeSecrets::ScopeSecrets(const IdentityKey& key, LedgerId ledger)
    : salt_{derived(key, "salt", ledger)},
      filling_(derived(key, "filling", ledger)),
      nonces_(derived(key, "nonces", ledger)) {}

Digest<32> ScopeSecrets::fill(unsigned depth, Place prefix) const {
  std::string node(1, static_cast<char>(depth));
  append_big_endian(node, prefix);
  return hmac_sha256(filling_, node);
}

Digest<32> ScopeSecrets::nonce(const Digest<32>& scope_key, std::uint64_t events) const {
  std::string head(bytes_of(scope_key));
  append_big_endian(head, events);
  return hmac_sha256(nonces_, head);
}

Digest<8> ScopeSecrets::id() const {
  const Digest<32> whole = sha256({bytes_of(salt_), view_of(filling_), view_of(nonces_)});
  Digest<8> cut;
  std::copy_n(whole.bytes.begin(), cut.bytes.size(), cut.bytes.begin());
  return cut;
}

}  // namespace runledger
