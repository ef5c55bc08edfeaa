// Closes attempts whose lease has run out, each once: their workers died, and the runs are to go on.
#pragma once

#include <memory>

#include "ledger/ledger.h"
#include "projections/rows/followed_rows.h"

namespace runledger {

// A thread of its own asks the sequencer about an attempt when its lease could have run out; the sequencer knows the
// heartbeats and decides. One that has ended before costs no question, and no memory. Attempts that a journal told of
// have no lease and stay as they are.
class Reaper {
 public:
  // None of them is owned; all must outlive it. Attempts that are under way already are looked after, too. The ledger
  // should have been opened with renew_leases.
  Reaper(Ledger& ledger, FollowedRows& rows);
  ~Reaper();
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace runledger
