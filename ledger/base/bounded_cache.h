// A bounded memory of values that were used lately.
#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>

namespace runledger {

// The cost of a value where a cache is bounded by how many values it holds.
struct OneEach {
  template <class Value>
  std::size_t operator()(const Value&) const {
    return 1;
  }
};

// Two generations: when the young one is full it becomes the old one, and a value that is used again moves back. Holds
// values of about twice `generation_max` in cost at most, forgets those that were not used for a generation, and needs
// no list as an LRU cache would. Not for several threads at once.
//
// Values are either used in place, by get(), with turn() at times when no reference is held; or taken out, changed and
// put back, by take() and put(). `Cost` is asked of a value when it comes in and when it leaves the young generation:
// what changes in place must not change its cost.
template <class Key, class Value, class Cost = OneEach>
class BoundedCache {
 public:
  // `generation_max` is in the unit of `Cost`.
  explicit BoundedCache(std::size_t generation_max) : generation_max_(generation_max) {}

  // The value of `key`; made by `load()` when it is not held. References stay valid until turn(), put(), take() of
  // `key`, or clear().
  template <class Load>
  Value& get(const Key& key, Load load) {
    if (const auto found = young_.find(key); found != young_.end()) return found->second;
    if (auto node = old_.extract(key)) return add(key, std::move(node.mapped()));
    return add(key, load());
  }

  // The value of `key`, which is no longer held afterwards; absent when it was not.
  [[nodiscard]] std::optional<Value> take(const Key& key) {
    if (auto node = young_.extract(key)) {
      young_cost_ -= Cost{}(node.mapped());
      return std::move(node.mapped());
    }
    if (auto node = old_.extract(key)) return std::move(node.mapped());
    return std::nullopt;
  }

  // Requires that `key` is not held. May forget what was not used lately.
  void put(const Key& key, Value value) {
    add(key, std::move(value));
    turn();
  }

  // Forgets what was not used lately, if the young generation is full.
  void turn() {
    if (young_cost_ < generation_max_) return;
    old_ = std::exchange(young_, {});
    young_cost_ = 0;
  }

  void clear() {
    young_.clear();
    old_.clear();
    young_cost_ = 0;
  }

 private:
  Value& add(const Key& key, Value value) {
    young_cost_ += Cost{}(value);
    return young_.emplace(key, std::move(value)).first->second;
  }

  std::size_t generation_max_;
  std::size_t young_cost_ = 0;
  std::unordered_map<Key, Value> young_;
  std::unordered_map<Key, Value> old_;
};

}  // namespace runledger
