// Names the verdicts.
#include "ledger/rules/command.h"

#include "ledger/base/assert.h"

namespace runledger {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kRequested:
      return "requested";
    case Verdict::kDeduped:
      return "deduped";
    case Verdict::kStarted:
      return "started";
    case Verdict::kSkipped:
      return "skipped";
    case Verdict::kFinished:
      return "finished";
    case Verdict::kLate:
      return "late";
    case Verdict::kFailed:
      return "failed";
    case Verdict::kAlive:
      return "alive";
    case Verdict::kExpired:
      return "expired";
  }
  assertion_failed("verdict is one of the enumerators", __FILE__, __LINE__);
}

}  // namespace runledger
