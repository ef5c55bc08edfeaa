// The options with which `request`, `exec` and `explain` say more of a run than what it is for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ledger/rules/ask.h"
#include "tools/cli/options/options.h"
#include "tools/cli/run_name.h"

namespace runledger {

// Throws Refused on bad input.
class TypedRequestFields {
 public:
  void declare(Options& options);

  // Sets the fields that were given, except for runs that are named by their first digits: find_runs() sets these.
  // Codes "label.invalid" for a label without "=", "parent.invalid", "rerun_of.invalid", "policy.invalid", and those of
  // add_label().
  void require(RunRequest& request) const;

  // Whether every run that was given has its whole id, so that there is nothing to find.
  [[nodiscard]] bool names_whole_ids() const;
  // Sets the runs that were named by their first digits. Asks the ledger only for these. Throws as RunName::find().
  void find_runs(LedgerReader& reader, RunRequest& request) const;

 private:
  [[nodiscard]] std::optional<RunName> parent() const;
  [[nodiscard]] std::optional<RunName> rerun_of() const;

  std::vector<std::string> labels_;
  Typed parent_;
  Typed rerun_of_;
  Typed traceparent_;
  Typed max_attempts_;
  Typed lease_;
  Typed backoff_;
  Typed cooldown_;
  Typed cooldown_from_;
  std::vector<std::string> cooldown_after_;
};

}  // namespace runledger
