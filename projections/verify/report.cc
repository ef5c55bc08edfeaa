// Counts all findings, but keeps only the first ones.
#include "projections/verify/report.h"

#include <utility>

namespace runledger {

void VerifyReport::add(Finding finding) {
  ++findings_total;
  if (findings.size() < kFindingsMax) findings.push_back(std::move(finding));
}

void VerifyReport::add(const VerifyReport& other) {
  const std::uint64_t not_kept = other.findings_total - other.findings.size();
  for (const Finding& finding : other.findings) add(finding);
  findings_total += not_kept;
  if (other.mirror_rows) mirror_rows = other.mirror_rows;
  if (other.mirror_attempts) mirror_attempts = other.mirror_attempts;
  if (other.mirror_schema) mirror_schema = other.mirror_schema;
}

}  // namespace runledger
