// The callers that wait for work, indexed by the runs that they wait for.
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
#include <vector>

#include "jobs/dispatch/scoped_claim.h"

namespace runledger {

struct ClaimCaller {
  std::uint64_t number = 0;  // Higher than the number of every earlier caller.
  std::string kind;          // claim_kind(claim)
  ScopedClaim claim;
  ClaimCompletion complete;
  std::chrono::steady_clock::time_point deadline;
  Sequence came_after;        // The last event in the log when the caller arrived.
  bool is_asking = false;     // The sequencer has been asked to start a run for it and has not answered yet.
  bool is_withdrawn = false;  // The caller no longer wants a run.
  RunId picked = {};  // The run that the sequencer was asked to start. Nil: only whether this claim is a repeat.
};

// A text that is equal for two claims exactly if they ask for the same types, in the same order, within the same scope.
[[nodiscard]] std::string claim_kind(const ScopedClaim& claim);

// Callers of one kind (claim_kind) are equal in what they can receive, so one search serves all of them. A kind may
// find a run from the moment at which one of its callers is added or becomes idle again, or a queue that it waits for
// is woken, until a search finds nothing. next() only returns callers of kinds that may find a run, so a wake-up costs
// nothing for the kinds that wait for other queues.
//
// A caller is idle unless the sequencer has been asked to start a run for it. Used by one thread only.
class ClaimCallers {
 public:
  // Adds a new caller, which is idle, and whose number and kind are set. The reference is valid until remove().
  ClaimCaller& add(ClaimCaller caller);
  // Returns null when there is no caller with this number, or no longer.
  [[nodiscard]] ClaimCaller* find(std::uint64_t number);
  void remove(ClaimCaller& caller);

  // Between these two calls the caller is not idle: neither next() nor first_to_give_up() returns it.
  void begin_asking(ClaimCaller& caller);
  void end_asking(ClaimCaller& caller);

  // A run of this type and scope may be due: every kind that waits for such runs may find one.
  void wake(const RunType& type, const Scope& scope);
  // Returns the idle caller with the lowest number whose kind may find a run. Null: there is no such caller.
  [[nodiscard]] ClaimCaller* next();
  // No run is due for this caller, nor for any other of its kind, until something changes.
  void found_nothing(const ClaimCaller& caller);

  // Returns the idle caller with the earliest deadline. Null: no caller is idle.
  [[nodiscard]] ClaimCaller* first_to_give_up();
  // The numbers of all idle callers.
  [[nodiscard]] std::vector<std::uint64_t> idle() const;
  [[nodiscard]] bool empty() const { return callers_.empty(); }
  [[nodiscard]] std::size_t size() const { return callers_.size(); }  // Idle or not.

 private:
  struct Kind {
    std::set<std::string> queues;            // The names of the queues that it waits for.
    std::size_t callers = 0;                 // All callers of this kind, idle or not.
    std::set<std::uint64_t> idle;            // The numbers of its idle callers.
    bool may_find = false;                   // A search may find a run for it.
    std::optional<std::uint64_t> stands_as;  // Its key in may_find_. Absent: it is not in there.
  };

  void set_idle(const ClaimCaller& caller, bool is_idle);
  // Updates the entry of the kind in may_find_, after `idle` or `may_find` changed.
  void place(Kind& kind);
  void wake_named(const std::string& queue);

  std::unordered_map<std::uint64_t, ClaimCaller> callers_;
  std::unordered_map<std::string, Kind> kinds_;                        // By claim_kind(). Addresses are stable.
  std::unordered_map<std::string, std::unordered_set<Kind*>> queues_;  // By queue name: the kinds that wait for it.
  std::map<std::uint64_t, Kind*> may_find_;                            // By the lowest number among the idle callers.
  std::set<std::pair<std::chrono::steady_clock::time_point, std::uint64_t>> deadlines_;  // Idle callers only.
};

}  // namespace runledger
