// The file of `exec --status-file`: what the ledger decided and how the command ended, as one JSON object.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "jobs/exec/command_process.h"
#include "ledger/base/mutex.h"
#include "ledger/rules/report.h"
#include "ledger/values/rejection.h"
#include "tools/cli/exit_status.h"
#include "tools/cli/output/replaced_file.h"

namespace runledger {

// What `exec` says in the place of the ledger's decision about a run that it carries out without the ledger.
inline constexpr std::string_view kSpooled = "spooled";

// Collects what happens and writes it once, so that the file appears whole or not at all. Any thread may use it.
class ExecStatusFile {
 public:
  // Without a path nothing is ever written. Throws Failure "output.failed" if no file can be written there.
  explicit ExecStatusFile(const std::optional<std::string>& path);

  // The latest answer of the ledger about the run.
  void set_answer(const Reply& answer);
  // The decision on which it depended whether the command was run: kRequested, kStarted, kDeduped or kSkipped.
  void set_decision(Verdict decision);
  // The ledger could not be reached, and the run is in the spool: the decision is kSpooled.
  void set_spooled();
  void set_command(const std::optional<CommandEnd>& end);
  void set_error(std::string_view code, std::string_view message);

  // Writes the file; every call but the first does nothing. Throws Failure "output.failed".
  void write(ExitStatus status);

 private:
  [[nodiscard]] std::string json(ExitStatus status) const RUNLEDGER_REQUIRES(mutex_);

  Mutex mutex_;
  std::optional<ReplacedFile> file_ RUNLEDGER_GUARDED_BY(mutex_);
  std::optional<std::string_view> decision_ RUNLEDGER_GUARDED_BY(mutex_);
  std::optional<Reply> answer_ RUNLEDGER_GUARDED_BY(mutex_);
  std::optional<CommandEnd> command_ RUNLEDGER_GUARDED_BY(mutex_);
  std::optional<Rejection> error_ RUNLEDGER_GUARDED_BY(mutex_);
  bool written_ RUNLEDGER_GUARDED_BY(mutex_) = false;
};

}  // namespace runledger
