// A bounded memory of states that were read or written lately.
#pragma once

#include <cstddef>
#include <unordered_map>
#include <utility>

namespace runledger {

// Two generations: when the young one is full it becomes the old one, and what is used again moves back. Holds at most
// 2 * `generation_max` entries, forgets what was not used for a generation, and costs no list as an LRU would.
// Not for several threads at once. References stay valid until turn() or clear().
template <class Key, class Value>
class StateCache {
 public:
  explicit StateCache(std::size_t generation_max) : generation_max_(generation_max) {}

  // The value of `key`; made by `load()` when it is not held.
  template <class Load>
  Value& get(const Key& key, Load load) {
    if (const auto found = young_.find(key); found != young_.end()) return found->second;
    if (const auto found = old_.find(key); found != old_.end()) {
      Value& moved = young_.emplace(key, std::move(found->second)).first->second;
      old_.erase(found);
      return moved;
    }
    return young_.emplace(key, load()).first->second;
  }

  // Lets go of what was not used lately. Call it between commits, when no reference is held.
  void turn() {
    if (young_.size() < generation_max_) return;
    old_ = std::move(young_);
    young_.clear();
  }

  void clear() {
    young_.clear();
    old_.clear();
  }

 private:
  std::size_t generation_max_;
  std::unordered_map<Key, Value> young_;
  std::unordered_map<Key, Value> old_;
};

}  // namespace runledger
