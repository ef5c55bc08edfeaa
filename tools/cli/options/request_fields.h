// The options with which `request`, `exec` and `explain` say more of a run than what it is for.
#pragma once

#include <string>
#include <vector>

#include "ledger/rules/ask.h"
#include "tools/cli/options/options.h"

namespace runledger {

// Throws Refused on bad input.
class TypedRequestFields {
 public:
  void declare(Options& options);

  // Sets the fields that were given. Codes "label.invalid" for a label without "=", "parent.invalid",
  // "rerun_of.invalid", "policy.invalid", and those of add_label().
  void require(RunRequest& request) const;

 private:
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
