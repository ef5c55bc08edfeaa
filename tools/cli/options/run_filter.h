// The options with which `list` selects runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/cli/options/arguments.h"
#include "tools/cli/run_name.h"

namespace runledger {

class TypedRunFilter {
 public:
  void declare(Options& options);
  // Codes: those of the fields, and "range.invalid". Throws Refused.
  [[nodiscard]] RunFilter require_filter() const;
  // The run of --parent, which the filter lacks because a ledger may be needed to find it. Throws Refused.
  [[nodiscard]] std::optional<RunName> require_parent() const;

 private:
  void require_states(RunFilter& filter) const;
  void require_times(RunFilter& filter) const;

  TypedGroup group_;
  std::vector<std::string> statuses_;
  std::vector<std::string> outcomes_;
  Typed reason_code_;
  Typed initiator_;
  Typed worker_;
  Typed identity_;
  Typed parent_;
  std::vector<std::string> labels_;
  Typed attempts_min_;
  bool deduped_ = false;
  Typed id_prefix_;
  Typed since_;
  Typed until_;
  Typed completed_since_;
  Typed active_between_;
  Typed as_of_;
};

}  // namespace runledger
