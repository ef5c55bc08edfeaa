// The single thread that makes all decisions: it takes commands in order, decides each, and commits many with one sync.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <vector>

#include "ledger/base/failure.h"
#include "ledger/base/free_space.h"
#include "ledger/commit_report.h"
#include "ledger/current_catalog.h"
#include "ledger/erase_content.h"
#include "ledger/log/decision_states.h"
#include "ledger/log/event_log.h"
#include "ledger/rules/command.h"

namespace runledger {

// Any thread may submit. Answers arrive on the sequencer's thread, in the order of submission; only a command that the
// queue has no room for is answered on the caller's thread. No answer leaves before the events that it depends on are
// durable.
//
// After the first failed write, or the first failed read of a state, nothing more is acknowledged: every waiting and
// every later command is answered UnknownOutcome.
//
// Once one line of an import is deferred ("overloaded", "storage.full"), every later line of that import is deferred
// too (ledger/rules/journal_import.h).
class Sequencer {
 public:
  struct Options {
    // How many commands may wait. One more is answered "overloaded" immediately. 1 or more.
    std::size_t queue_max = 65536;
    // How many bytes the waiting commands may have (ledger/queued_bytes.h). An empty queue takes a command of any size.
    std::size_t queue_bytes_max = 256U << 20U;
    // How many commands are decided per commit. 1 to EventLog::kEventsPerAppendMax / 3, so that their events always fit
    // in one append.
    std::size_t batch_max = 2048;
    // How many bytes the commands of a commit may have. A commit takes at least one command, whatever its size.
    std::size_t batch_bytes_max = 8U << 20U;
    // How many runs, how many identities and how many scopes are kept in memory.
    std::size_t cached_states_max = 100'000;
    // When the file system has fewer free bytes, new work is refused with "storage.full". 0: never.
    std::uint64_t free_bytes_min = kFreeBytesMin;
    // What happens to a commit while the storage engine is behind. With kRefuse, the sequencer waits for `stall_max`,
    // and then answers commands "overloaded" until the engine has caught up, or no command has come for as long. With
    // kWait it waits for as long as it takes, which is for a process that has the ledger to itself.
    WhenBehind when_behind = WhenBehind::kRefuse;
    // A switch of memtables that meets the one flush under way takes a few hundred milliseconds at most, and callers
    // should not notice it.
    std::chrono::milliseconds stall_max{1'000};
    // Tells the time by which a stall is measured. It is called on the sequencer's thread.
    std::function<std::chrono::steady_clock::time_point()> steady_now = &std::chrono::steady_clock::now;
    // Called on the sequencer's thread after every commit and after its answers. Must not block. May be empty.
    std::function<void(const CommitReport&)> on_commit = {};
    // Called once, on the sequencer's thread, before the first command is answered UnknownOutcome. From then on nothing
    // is acknowledged until the ledger is opened again. Must not block. May be empty.
    std::function<void(const Failure&)> on_broken = {};
    // Gives every open attempt one full lease from now on, and again from the end of each pause of the process
    // (ledger/pause_watch.h). For a process that keeps the ledger open and receives heartbeats, because no process
    // could receive them before, or during the pause.
    bool renew_leases = false;
    // Called with the length of each such pause, on any thread. Must not block. May be empty.
    std::function<void(Duration paused)> on_pause = {};
  };

  using Completion = std::function<void(Answer)>;

  // Starts the thread. `log`, `stored` (of the same store), `clock` and `catalog` are not owned and must outlive the
  // sequencer, which must be the only one that appends to `log`. A catalog that replaces another one comes into force
  // between two commits.
  Sequencer(EventLog& log, const DecisionStates& stored, const Clock& clock, const CurrentCatalog& catalog,
            const Options& options);
  ~Sequencer();  // Carries out the queued commands, then stops the thread. No thread may submit any more.

  // Never blocks. `complete` is called exactly once; it must not throw and must not wait for another
  // command. The future is the same for callers that want to wait.
  void submit(Submission submission, Completion complete);
  [[nodiscard]] std::future<Answer> submit(Submission submission);

  // Appends envelopes exactly as they are, in a commit of their own: all of them, or none. It restores an export into
  // an empty ledger. Every envelope is checked: one that cannot follow is refused with "event.out_of_sequence" or
  // "event.illegal". No envelopes, or more than EventLog::kEventsPerAppendMax, are refused with "batch.too_large".
  [[nodiscard]] std::future<Answer> append_verbatim(std::vector<Envelope> envelopes);

  // Appends the event by which a tenant's content is erased, in a commit of its own; from then on it cannot be read.
  // Its keys stay where they are until SealKeys::destroy_retired(), which must come last. Refused with
  // "seal.not_sealed", "seal.keys_missing", "scope.changed", and "erase.nothing" when no content has been sealed since
  // the last time.
  [[nodiscard]] std::future<Answer> erase(EraseContent erase);

  // How many commands wait in the queue, without those of the current commit.
  [[nodiscard]] std::size_t queue_depth() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
