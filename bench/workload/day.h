// Generates an invented day of a ledger: runs of several tenants, interleaved as with real workers, with retries,
// failures and repeated requests. It is deterministic: the same options give the same day.
#pragma once

#include <array>
#include <cstddef>
#include <random>
#include <vector>

#include "ledger/log/event_log.h"

namespace runledger::workload {

// Generates batches, with events and states, that an empty EventLog can append one after the other. Used by one thread.
class Day {
 public:
  struct Options {
    std::size_t tenants = 20;
    std::size_t runs_at_once = 500;  // How many runs are active at any time.
    bool command_ids = true;         // Whether each event has a command id, like the events of remote callers.
    unsigned seed = 1;
  };

  explicit Day(const Options& options);
  ~Day();

  // Returns the next `count` events, with the states of the runs and identities that they change.
  [[nodiscard]] AppendBatch next(std::size_t count);

 private:
  struct Run;

  void request(Run& run);
  void step(Run& run);
  void append(Run& run, Event event);
  // Fills the bytes with random ones.
  template <std::size_t N>
  void fill(std::array<unsigned char, N>& bytes);

  Options options_;
  std::mt19937_64 random_;
  std::vector<Run> runs_;
  std::vector<ScopeSequence> scopes_;
  Sequence sequence_;
  Time now_;
  AppendBatch batch_;
};

}  // namespace runledger::workload
