// Callers who wait for work, found by what they wait for.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "jobs/dispatch/scoped_claim.h"

namespace runledger {

struct ClaimCaller {
  std::uint64_t number = 0;  // Higher than that of whoever came before.
  std::string kind;          // claim_kind(order)
  ScopedClaim order;
  ClaimCompletion complete;
  std::chrono::steady_clock::time_point deadline;
  Sequence came_after;     // The last event when it came.
  bool is_asking = false;  // The sequencer has been asked to start a run for it.
  bool is_withdrawn = false;
  RunId picked;
};

// What an order asks for, in words: the same for those who ask for the same.
[[nodiscard]] std::string claim_kind(const ScopedClaim& order);

// Callers of one kind are looked after together, and only while there may be something for them: from when one of them
// is new or is idle again, or a queue that they wait for is woken, until nothing was found. For one thread.
class ClaimCallers {
 public:
  // Somebody new, who is idle. Stays in its place until it is removed.
  ClaimCaller& add(ClaimCaller caller);
  // Null: there is none, or no more.
  [[nodiscard]] ClaimCaller* find(std::uint64_t number);
  void remove(ClaimCaller& caller);

  // Between the two it is not idle: it is not looked after, and does not give up.
  void begin_asking(ClaimCaller& caller);
  void end_asking(ClaimCaller& caller);

  // There may be something for whoever waits for such runs.
  void wake(const RunType& type, const Scope& scope);
  // The one that came first of those for whom there may be something; null: nobody.
  [[nodiscard]] ClaimCaller* next();
  // There is nothing for it, nor for anybody of its kind.
  void found_nothing(const ClaimCaller& caller);

  // Of those who are idle, the one whose time is up first; null: nobody.
  [[nodiscard]] ClaimCaller* first_to_give_up();
  [[nodiscard]] bool empty() const { return callers_.empty(); }

 private:
  struct Kind {
    std::set<std::string> queues;            // What it waits for.
    std::size_t callers = 0;                 // Of this kind,
    std::set<std::uint64_t> idle;            // and those of them who are, by number.
    bool may_find = false;                   // Something.
    std::optional<std::uint64_t> stands_as;  // In may_find_.
  };

  void set_idle(const ClaimCaller& caller, bool is_idle);
  // Moves it to where it belongs in may_find_, after it changed.
  void place(Kind& kind);
  void wake_named(const std::string& queue);

  std::unordered_map<std::uint64_t, ClaimCaller> callers_;
  std::unordered_map<std::string, Kind> kinds_;                        // By name. Each stays in its place.
  std::unordered_map<std::string, std::unordered_set<Kind*>> queues_;  // Who waits for what.
  std::map<std::uint64_t, Kind*> may_find_;                            // By the first of its callers who is idle.
  std::set<std::pair<std::chrono::steady_clock::time_point, std::uint64_t>> deadlines_;  // Of those who are idle.
};

}  // namespace runledger
