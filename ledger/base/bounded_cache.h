// A cache of bounded size that keeps the values used most recently.
#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>

namespace runledger {

// The cost function of a cache that is bounded by the number of its values.
struct OneEach {
  template <class Value>
  std::size_t operator()(const Value&) const {
    return 1;
  }
};

// Values live in two generations. When the young one is full it becomes the old one, and a value that is used again
// moves back into the young one. The cache holds values of at most about twice `generation_max` in cost, forgets a
// value that was not used for a whole generation, and needs no list as an LRU cache would. It is not thread-safe.
//
// Callers either use values in place with get(), and call turn() while they hold no reference; or they take a value
// out, change it and put it back, with take() and put(). `Cost` is computed when a value becomes young and when
// take() removes it from the young generation, so a change in place must not change a value's cost.
template <class Key, class Value, class Cost = OneEach>
class BoundedCache {
 public:
  // `generation_max` is in the unit of `Cost`.
  explicit BoundedCache(std::size_t generation_max) : generation_max_(generation_max) {}

  // Returns the value of `key`, and calls `load()` for it when the cache does not hold it. The reference stays valid
  // until turn(), put(), take() of `key`, or clear().
  template <class Load>
  Value& get(const Key& key, Load load) {
    if (const auto found = young_.find(key); found != young_.end()) return found->second;
    if (auto node = old_.extract(key)) return add(key, std::move(node.mapped()));
    return add(key, load());
  }

  // Removes the value of `key` and returns it; nullopt when the cache does not hold it.
  [[nodiscard]] std::optional<Value> take(const Key& key) {
    if (auto node = young_.extract(key)) {
      young_cost_ -= Cost{}(node.mapped());
      return std::move(node.mapped());
    }
    if (auto node = old_.extract(key)) return std::move(node.mapped());
    return std::nullopt;
  }

  // Adds a value. Requires that the cache does not hold `key`. Calls turn(), so it may forget other values.
  void put(const Key& key, Value value) {
    add(key, std::move(value));
    turn();
  }

  // If the young generation is full, forgets the old one, whose values were not used recently.
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
