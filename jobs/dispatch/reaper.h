// Closes each attempt whose lease has run out, so that a run goes on after its worker died.
#pragma once

#include <memory>

#include "ledger/ledger.h"
#include "projections/rows/followed_rows.h"

namespace runledger {

// Owns a thread that submits ExpireLease for an attempt as soon as its lease can have run out. The sequencer, which
// knows the heartbeats, decides whether it has. An attempt that ends before that time is forgotten and causes no
// command. Attempts that were imported from a journal have no lease and are left alone.
class Reaper {
 public:
  // Neither is owned; both must outlive the reaper. It also watches the attempts that are already under way; the ledger
  // should have been opened with renew_leases, so that each of them starts with a full lease. Throws as RowStore does.
  Reaper(Ledger& ledger, FollowedRows& rows);
  ~Reaper();  // Waits for the answers of the sequencer.
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace runledger
