// Folds a log of any length in bounded memory: in several passes over it, each for the next part of the keys.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <unordered_map>
#include <vector>

#include "ledger/base/assert.h"

namespace runledger {

// Every pass begins with all keys from where the part before ended. Whenever the states become too many, the greater
// half of the keys is put off to a later pass. Nothing is assumed about how keys are spread: run ids may be chosen.
//
//   PartFold<RunId, Row> fold(kRowsInMemoryMax);
//   while (fold.next_part()) { for each event: if (Row* row = fold.state_of(event.run)) …; fold.visit(…); }
template <class Key, class State>
class PartFold {
 public:
  // At least 2.
  explicit PartFold(std::size_t states_max) : states_max_(states_max) { RUNLEDGER_ASSERT(states_max >= 2); }

  // False when the part before was the last one.
  [[nodiscard]] bool next_part() {
    if (started_ && !until_) return false;
    started_ = true;
    from_ = until_;
    until_.reset();
    states_.clear();
    return true;
  }

  // The part holds the keys at or after `from` and before `until`, where there are such ends. `until` is certain only
  // after the pass.
  [[nodiscard]] const std::optional<Key>& from() const { return from_; }
  [[nodiscard]] const std::optional<Key>& until() const { return until_; }
  [[nodiscard]] bool holds(const Key& key) const { return (!from_ || !(key < *from_)) && (!until_ || key < *until_); }

  // A default one at first; null when the key is of another part.
  [[nodiscard]] State* state_of(const Key& key) {
    if (!holds(key)) return nullptr;
    const auto found = states_.find(key);
    if (found != states_.end()) return &found->second;
    if (states_.size() >= states_max_) put_off_half();
    return holds(key) ? &states_[key] : nullptr;
  }

  // Null when it has none.
  [[nodiscard]] State* find(const Key& key) {
    const auto found = states_.find(key);
    return found == states_.end() ? nullptr : &found->second;
  }

  // In the order of keys.
  template <class Visit>
  void visit(const Visit& visit) {
    for (const Key& key : sorted_keys()) visit(key, states_.at(key));
  }

 private:
  [[nodiscard]] std::vector<Key> sorted_keys() const {
    std::vector<Key> keys;
    keys.reserve(states_.size());
    for (const auto& [key, state] : states_) keys.push_back(key);
    std::sort(keys.begin(), keys.end());
    return keys;
  }

  void put_off_half() {
    const std::vector<Key> keys = sorted_keys();
    until_ = keys[keys.size() / 2];
    std::erase_if(states_, [&](const auto& entry) { return !(entry.first < *until_); });
  }

  std::size_t states_max_;
  bool started_ = false;
  std::optional<Key> from_;
  std::optional<Key> until_;
  std::unordered_map<Key, State> states_;
};

}  // namespace runledger
