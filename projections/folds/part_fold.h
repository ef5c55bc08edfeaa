// Folds a log of any length in bounded memory, in several passes, each of which folds the next part of the keys.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <unordered_map>
#include <vector>

#include "ledger/base/assert.h"

namespace runledger {

// Every pass begins with all keys from where the previous part ended. Whenever there are too many states, the greater
// half of the keys is deferred to a later pass. This assumes nothing about how keys are distributed, because callers
// may choose run ids.
//
//   PartFold<RunId, Row> fold(kRowsInMemoryMax);
//   while (fold.next_part()) { for each event: if (Row* row = fold.state_of(event.run)) …; fold.visit(…); }
//
// Not for several threads at once.
template <class Key, class State>
class PartFold {
 public:
  // Holds at most `states_max` states, which must be 2 or more.
  explicit PartFold(std::size_t states_max) : states_max_(states_max) { RUNLEDGER_ASSERT(states_max >= 2); }

  // Begins the next part without any states. Returns false when the previous part was the last one.
  [[nodiscard]] bool next_part() {
    if (started_ && !until_) return false;
    started_ = true;
    from_ = until_;
    until_.reset();
    states_.clear();
    return true;
  }

  // The part holds the keys at or after from() and before until(); an absent bound means that there is no such limit.
  // until() can decrease until the pass is over.
  [[nodiscard]] const std::optional<Key>& from() const { return from_; }
  [[nodiscard]] const std::optional<Key>& until() const { return until_; }
  [[nodiscard]] bool holds(const Key& key) const { return (!from_ || !(key < *from_)) && (!until_ || key < *until_); }

  // The state of a key, which is a default one at first. Null when the key belongs to another part. The pointer is
  // valid until the next state_of(), which may defer its key.
  [[nodiscard]] State* state_of(const Key& key) {
    if (!holds(key)) return nullptr;
    const auto found = states_.find(key);
    if (found != states_.end()) return &found->second;
    if (states_.size() >= states_max_) defer_half();
    return holds(key) ? &states_[key] : nullptr;
  }

  // The state of a key; null when the part has no state for it.
  [[nodiscard]] State* find(const Key& key) {
    const auto found = states_.find(key);
    return found == states_.end() ? nullptr : &found->second;
  }

  // Visits all states of the part in the order of their keys.
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

  void defer_half() {
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
