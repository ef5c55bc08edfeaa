// The findings of a check of a ledger.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/values/sequence.h"
#include "ledger/values/uuid.h"

namespace runledger {

// One invariant that does not hold. `code` is stable; docs/codes.md lists all codes.
struct Finding {
  std::string code;  // For example "event.missing", "tree.root_mismatch", "run_state.differs", "row.differs".
  std::optional<Sequence> sequence;
  std::optional<RunId> run;
  std::string detail;
};

struct VerifyReport {
  std::uint64_t events = 0;
  std::uint64_t runs = 0;
  std::optional<std::uint64_t> mirror_rows;  // These three are set by projections/postgres/mirror_verify.h.
  std::optional<std::uint64_t> mirror_attempts;
  std::optional<std::string> mirror_schema;
  std::optional<std::uint64_t> checkpoints;  // How many signed checkpoints the log was compared with; set by `verify`.
  std::vector<Finding> findings;             // At most kFindingsMax; the others are only counted.
  std::uint64_t findings_total = 0;

  static constexpr std::size_t kFindingsMax = 1000;
  void add(Finding finding);
  // Adds the findings of `other`, and takes over what it says about the mirror, if it says anything.
  void add(const VerifyReport& other);
  [[nodiscard]] bool ok() const { return findings_total == 0; }
};

}  // namespace runledger
