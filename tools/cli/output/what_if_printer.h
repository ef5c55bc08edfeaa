// Prints what would have become of requests under other policies (projections/folds/what_if.h).
#pragma once

#include <optional>

#include "projections/folds/what_if.h"
#include "tools/cli/context.h"

namespace runledger {

// Prints a line for each request that would have been answered in another way, and then the sums by type; CSV and TSV
// have the lines alone.
class WhatIfPrinter {
 public:
  // In CSV and TSV, prints the names of the members. `context` is not owned.
  explicit WhatIfPrinter(const Context& context);

  void print(const OtherAnswer& answer);
  void print_sums(const WhatIf& what_if);

 private:
  const Context& context_;
  std::optional<SeparatedRows> separated_;
};

}  // namespace runledger
