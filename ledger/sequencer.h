// The one thread that decides: it takes commands in order, decides each, and commits many with one sync.
#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <vector>

#include "ledger/base/failure.h"
#include "ledger/commit_report.h"
#include "ledger/log/decision_states.h"
#include "ledger/log/event_log.h"
#include "ledger/rules/catalog.h"
#include "ledger/rules/command.h"

namespace runledger {

// Any thread may submit. Answers arrive on the sequencer's thread, in order of submission, and no answer leaves before
// the events it rests on are durable. After the first write error, or reading of a state that fails, nothing more is
// acknowledged: every waiting and later command is answered UnknownOutcome. Once the line of a journal was put off, all
// that follow of the same import are (ledger/rules/journal_import.h).
class Sequencer {
 public:
  struct Options {
    std::size_t queue_max = 65536;  // Commands waiting; one more is answered "overloaded" at once. 1 or more.
    std::size_t queue_bytes_max = 256U << 20U;  // The same for their bytes (ledger/queued_bytes.h); the first is taken.
    std::size_t batch_max = 2048;               // Commands decided per commit. 1 to EventLog::kEventsPerAppendMax / 3.
    std::size_t batch_bytes_max = 8U << 20U;    // The same for their bytes; one is always taken.
    std::size_t cached_states_max = 100'000;    // Runs and identities kept in memory, each.
    std::uint64_t free_bytes_min = 256ULL << 20U;  // Below this, new work is refused with "storage.full". 0: never.
    // What becomes of a commit for which the storage engine has no room just now. kWait is for a process that has the
    // ledger to itself: there is nobody to whom "overloaded" would tell anything.
    WhenBehind when_behind = WhenBehind::kRefuse;
    // Called on the sequencer's thread after every commit, behind its answers; must not wait. Empty: nobody counts.
    std::function<void(const CommitReport&)> on_commit = {};
    // Called once, on the sequencer's thread, before the first command that is answered UnknownOutcome: nothing will be
    // acknowledged any more, and nothing but opening the ledger anew can change that. Must not wait. Empty: nobody is
    // told.
    std::function<void(const Failure&)> on_broken = {};
    // Every attempt under way has one full lease from now on. For a process that keeps the ledger open and takes the
    // heartbeats: before it, there was nobody to take them.
    bool renew_leases = false;
  };

  using Completion = std::function<void(Answer)>;

  // `log`, `stored` (of the same store), `clock` and `catalog` are not owned and must outlive it.
  Sequencer(EventLog& log, const DecisionStates& stored, const Clock& clock, const Catalog& catalog,
            const Options& options);
  ~Sequencer();  // Carries out what is queued, then stops.

  // Never blocks. `complete` is called exactly once; it must not throw and must not wait for another command.
  void submit(Submission submission, Completion complete);
  [[nodiscard]] std::future<Answer> submit(Submission submission);

  // Appends envelopes exactly as they are, all or none. Requires nothing: an envelope that cannot follow is refused
  // with "event.out_of_sequence" or "event.illegal". For restoring an export into an empty ledger.
  [[nodiscard]] std::future<Answer> append_verbatim(std::vector<Envelope> envelopes);

  // How many commands wait to be taken.
  [[nodiscard]] std::size_t queue_depth() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
