// Sparse trees that grow against ones that are computed level by level from all of their places, and against proofs
// that were changed.
#include "ledger/log/sparse_tree.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "ledger/base/big_endian.h"
#include "ledger/log/merkle.h"
#include "ledger/values/sha256.h"

namespace runledger {
namespace {

std::size_t number_below(std::size_t end) {
  return *rc::gen::inRange<std::size_t>(0, end);
}

Digest<32> fill(unsigned depth, Place prefix) {
  std::string node(1, static_cast<char>(depth));
  append_big_endian(node, prefix);
  return sha256({"empty", node});
}

// Holds every entry, and the branching nodes that a tree has put there.
class Model {
 public:
  explicit Model(SparseShape shape) : shape_(shape) {}

  void set(const SparseEntry& entry) {
    std::vector<SparseEntry>& entries = places_[place_of(entry.key)];
    const auto at = std::lower_bound(entries.begin(), entries.end(), entry,
                                     [](const SparseEntry& a, const SparseEntry& b) { return a.key < b.key; });
    if (at != entries.end() && at->key == entry.key) {
      at->value = entry.value;
    } else {
      entries.insert(at, entry);
    }
    changed_.insert_or_assign(place_of(entry.key), true);
  }

  // Has the tree take up what was set since the last call.
  void commit() {
    std::vector<TakenPlace> changes;
    for (const auto& [place, is_changed] : changed_) changes.push_back({place, hash_of_place(places_.at(place))});
    changed_.clear();
    std::map<std::pair<unsigned, Place>, SparseBranch> put;
    root_ = tree().changed(root_, changes, [&put](unsigned depth, Place prefix, const SparseBranch& branch) {
      RC_ASSERT(put.try_emplace({depth, prefix}, branch).second);
    });
    for (const auto& [node, branch] : put) branches_.insert_or_assign(node, branch);
    committed_ = places_;
  }

  [[nodiscard]] SparseTree tree() const {
    return {shape_,
            fill,
            {.branch =
                 [this](unsigned depth, Place prefix) {
                   return branches_.at({depth, prefix});
                 },
             .place = [this](Place place) { return hash_of_place(committed_.at(place)); }}};
  }

  [[nodiscard]] Digest<32> root() const { return root_->hash; }
  [[nodiscard]] const std::map<Place, std::vector<SparseEntry>>& places() const { return places_; }
  [[nodiscard]] std::size_t branches() const { return branches_.size(); }

  [[nodiscard]] SparseProof proof(const SparseEntry& entry) const {
    SparseProof proof{.beside = places_.at(place_of(entry.key)), .siblings = {}};
    std::erase(proof.beside, entry);
    proof.siblings = tree().siblings(*root_, place_of(entry.key));
    return proof;
  }

  // Joins neighbours level by level. In the compact shape a place rises alone until it meets another.
  [[nodiscard]] Digest<32> naive_root() const {
    struct Node {
      Digest<32> hash;
      bool is_place = true;
    };
    std::map<Place, Node> nodes;
    for (const auto& [place, entries] : places_) nodes[place] = {hash_of_place(entries), true};
    for (unsigned depth = kPlaceBits; depth > 0; --depth) {
      std::map<Place, Node> above;
      for (const auto& [prefix, node] : nodes) {
        const auto beside = nodes.find(sibling_of(prefix, depth));
        const bool rises = shape_ == SparseShape::kCompact && node.is_place && beside == nodes.end();
        const Digest<32> other = beside == nodes.end() ? fill(depth, sibling_of(prefix, depth)) : beside->second.hash;
        const Digest<32> joined =
            is_right_at(prefix, depth - 1) ? merkle_node(other, node.hash) : merkle_node(node.hash, other);
        above[prefix_of(prefix, depth - 1)] = rises ? node : Node{joined, false};
      }
      nodes = std::move(above);
    }
    return nodes.begin()->second.hash;
  }

 private:
  SparseShape shape_;
  std::map<Place, std::vector<SparseEntry>> places_;
  std::map<Place, std::vector<SparseEntry>> committed_;
  std::map<Place, bool> changed_;
  std::map<std::pair<unsigned, Place>, SparseBranch> branches_;
  std::optional<SparseRoot> root_;
};

Digest<32> some_digest() {
  return sha256({std::to_string(number_below(1'000'000'000))});
}

// Keys that are often near one another, or at the same place.
SparseEntry some_entry() {
  SparseEntry entry{some_digest(), some_digest()};
  if (number_below(2) == 0) return entry;
  static constexpr Place kNear[] = {0, 1, 0x80000000, 0x80000001, 0x7fffffff, 0xffffffff, 0xfffffffe, 0x12345678};
  store_big_endian(kNear[number_below(std::size(kNear))], entry.key.bytes.data());
  return entry;
}

Model some_model(SparseShape shape) {
  Model model(shape);
  for (std::size_t batches = 1 + number_below(6); batches > 0; --batches) {
    for (std::size_t entries = 1 + number_below(30); entries > 0; --entries) {
      SparseEntry entry = some_entry();
      if (!model.places().empty() && number_below(3) == 0) {  // An entry that is there already gets another value.
        auto at = model.places().begin();
        std::advance(at, number_below(model.places().size()));
        entry.key = at->second.front().key;
      }
      model.set(entry);
    }
    model.commit();
  }
  return model;
}

void check_shape(SparseShape shape) {
  const Model model = some_model(shape);
  RC_ASSERT(model.root() == model.naive_root());
  RC_ASSERT(model.branches() == model.places().size() - 1);
  std::vector<TakenPlace> all;
  for (const auto& [place, entries] : model.places()) all.push_back({place, hash_of_place(entries)});
  RC_ASSERT(sparse_root(all, shape, fill) == model.root());
  for (const auto& [place, entries] : model.places()) {
    for (const SparseEntry& entry : entries) {
      const SparseProof proof = model.proof(entry);
      RC_ASSERT(sparse_root(entry, proof) == model.root());
      RC_ASSERT(shape == SparseShape::kCompact || proof.siblings.size() == kPlaceBits);
    }
  }
}

RC_GTEST_PROP(SparseTreeProperty, AFixedTreeIsTheNaiveOneHoweverItGrew, ()) {
  check_shape(SparseShape::kFixed);
}

RC_GTEST_PROP(SparseTreeProperty, ACompactTreeIsTheNaiveOneHoweverItGrew, ()) {
  check_shape(SparseShape::kCompact);
}

RC_GTEST_PROP(SparseTreeProperty, NoOtherEntryOrProofLeadsToTheRoot, ()) {
  const Model model = some_model(number_below(2) == 0 ? SparseShape::kFixed : SparseShape::kCompact);
  auto at = model.places().begin();
  std::advance(at, number_below(model.places().size()));
  const SparseEntry entry = at->second[number_below(at->second.size())];
  SparseEntry other = entry;
  SparseProof proof = model.proof(entry);
  switch (number_below(6)) {
    case 0:
      other.value.bytes[number_below(32)] ^= 1U;
      break;
    case 1:
      other.key.bytes[number_below(32)] ^= static_cast<unsigned char>(1U << number_below(8));
      break;
    case 2:  // A second entry of the same key.
      proof.beside.push_back({entry.key, some_digest()});
      break;
    case 3:
      if (proof.siblings.empty()) return;
      proof.siblings[number_below(proof.siblings.size())].bytes[number_below(32)] ^= 1U;
      break;
    case 4:
      proof.siblings.insert(
          proof.siblings.begin() + static_cast<std::ptrdiff_t>(number_below(proof.siblings.size() + 1)), some_digest());
      break;
    default:
      if (proof.siblings.empty()) return;
      proof.siblings.pop_back();
  }
  RC_ASSERT(sparse_root(other, proof) != model.root());
}

}  // namespace
}  // namespace runledger
