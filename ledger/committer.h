// Writes decided commands to the log, one commit after the other, and then answers them.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/base/failure.h"
#include "ledger/commit_report.h"
#include "ledger/log/event_log.h"
#include "ledger/rules/command.h"

namespace runledger {

struct JournalImport;

// An answer that is held back until its commit is done.
struct Answered {
  std::function<void(Answer)> complete;
  Answer answer;
  bool is_internal = false;  // Submission::is_internal.
  std::shared_ptr<JournalImport> import = {};
};

// Commands that were decided together, with what they write.
struct DecidedCommit {
  std::shared_ptr<const AppendBatch> batch;  // Null when there is nothing to write.
  std::vector<Answered> answers;
  std::chrono::steady_clock::time_point begun;  // When the first command was decided.
};

// While one commit is being written, the next one may be decided on top of it. If the first is not written, the second
// is not either: all its commands get the answer of the first, "overloaded" or UnknownOutcome.
//
// After a failure, nothing more is written: every later commit is answered UnknownOutcome.
//
// All functions are for the thread that decides. Completions and callbacks are called on it or on the committer's
// thread, but never at the same time, and in the order of submission.
class Committer {
 public:
  // As of Sequencer::Options, which describes them.
  struct Options {
    WhenBehind when_behind = WhenBehind::kRefuse;
    std::chrono::milliseconds stall_max{};
    std::function<void(const CommitReport&)> on_commit = {};
    std::function<void(const Failure&)> on_broken = {};
  };

  // Starts the thread. `log` is not owned and must outlive the committer.
  Committer(EventLog& log, Options options);
  ~Committer();  // Waits for the commit that is being written. Stops the thread.
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  enum class Where { kHere, kThread };

  // Waits until the commit before this one is done; then writes this one, on the calling thread or on the committer's.
  // Returns false when one of the two is known to be lost. Nothing is under way then, and what was decided on top of
  // them must be decided anew.
  [[nodiscard]] bool write(DecidedCommit commit, Where where);

  // Waits until nothing is under way. Returns false when the last commit was lost.
  [[nodiscard]] bool wait();

  // Tells that the ledger cannot be trusted any more: no later commit is written.
  void fail(const Failure& failure);
  // The text of the first failure. Absent while there was none.
  [[nodiscard]] std::optional<std::string> broken() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
