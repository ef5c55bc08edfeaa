// A made-up day of a ledger: runs of several tenants, interleaved as workers would have it, with retries, failures and
// repeated requests. Deterministic: the same options give the same day.
#pragma once

#include <cstddef>
#include <random>
#include <vector>

#include "ledger/log/event_log.h"

namespace runledger::workload {

// Hands out batches that an EventLog appends one after the other, states and all.
class Day {
 public:
  struct Options {
    std::size_t tenants = 20;
    std::size_t runs_at_once = 500;  // How many runs are under way at any time.
    bool command_ids = true;         // Whether each event names the command that caused it, as remote callers' do.
    unsigned seed = 1;
  };

  explicit Day(const Options& options);
  ~Day();

  // `count` events, and the states of the runs and identities that they touch.
  [[nodiscard]] AppendBatch next(std::size_t count);

 private:
  struct Run;

  void request(Run& run);
  void step(Run& run);
  void append(Run& run, Event event);

  Options options_;
  std::mt19937_64 random_;
  std::vector<Run> runs_;
  std::vector<ScopeSequence> scopes_;
  Sequence sequence_;
  Time now_;
  AppendBatch batch_;
};

}  // namespace runledger::workload
