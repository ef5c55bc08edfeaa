// A byte 0 is hashed before the entries of a place, and a byte 1 before two nodes, so that a place cannot pass for an
// inner node. That is why no second entry of a key can be in a tree: it would have to be in the same leaf, whose keys
// ascend, or in another leaf on the same way down, which would have to be an inner node as well.
#include "ledger/log/sparse_proof.h"

#include <algorithm>
#include <string>

#include "ledger/base/assert.h"
#include "ledger/base/big_endian.h"
#include "ledger/log/merkle.h"

namespace runledger {
namespace {

Digest<32> root_under(std::span<const TakenPlace> places, unsigned depth, Place prefix, SparseShape shape,
                      const SparseFill& fill) {
  if (places.empty()) return fill(depth, prefix);
  if (depth == kPlaceBits || (shape == SparseShape::kCompact && places.size() == 1)) return places.front().hash;
  const auto middle = std::partition_point(places.begin(), places.end(),
                                           [depth](const TakenPlace& each) { return !is_right_at(each.place, depth); });
  const auto left = static_cast<std::size_t>(middle - places.begin());
  const Place right_prefix = prefix | (Place{1} << (kPlaceBits - 1 - depth));
  return merkle_node(root_under(places.first(left), depth + 1, prefix, shape, fill),
                     root_under(places.subspan(left), depth + 1, right_prefix, shape, fill));
}

}  // namespace

Place place_of(const Digest<32>& key) {
  return load_big_endian_32(key.bytes.data());
}

Place prefix_of(Place place, unsigned depth) {
  RUNLEDGER_ASSERT(depth <= kPlaceBits);
  return depth == 0 ? 0 : place & (~Place{0} << (kPlaceBits - depth));
}

bool is_right_at(Place place, unsigned depth) {
  RUNLEDGER_ASSERT(depth < kPlaceBits);
  return ((place >> (kPlaceBits - 1 - depth)) & 1U) != 0;
}

Place sibling_of(Place place, unsigned depth) {
  RUNLEDGER_ASSERT(depth > 0);
  return prefix_of(place, depth) ^ (Place{1} << (kPlaceBits - depth));
}

Digest<32> hash_of_place(std::span<const SparseEntry> entries) {
  RUNLEDGER_ASSERT(!entries.empty());
  std::string bytes;
  for (const SparseEntry& entry : entries) bytes.append(bytes_of(entry.key)).append(bytes_of(entry.value));
  return merkle_leaf(bytes);
}

Digest<32> sparse_root(std::span<const TakenPlace> places, SparseShape shape, const SparseFill& fill) {
  return root_under(places, 0, 0, shape, fill);
}

std::optional<Digest<32>> sparse_root(const SparseEntry& entry, const SparseProof& proof) {
  const Place place = place_of(entry.key);
  if (proof.siblings.size() > kPlaceBits) return std::nullopt;
  std::vector<SparseEntry> entries = proof.beside;
  const auto by_key = [](const SparseEntry& a, const SparseEntry& b) { return a.key < b.key; };
  entries.insert(std::upper_bound(entries.begin(), entries.end(), entry, by_key), entry);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (place_of(entries[i].key) != place || (i > 0 && !by_key(entries[i - 1], entries[i]))) return std::nullopt;
  }
  Digest<32> root = hash_of_place(entries);
  auto depth = static_cast<unsigned>(proof.siblings.size());
  for (const Digest<32>& sibling : proof.siblings) {
    --depth;
    root = is_right_at(place, depth) ? merkle_node(sibling, root) : merkle_node(root, sibling);
  }
  return root;
}

}  // namespace runledger
