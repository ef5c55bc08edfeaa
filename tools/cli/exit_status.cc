// Maps remedies and codes to exit statuses.
#include "tools/cli/exit_status.h"

namespace runledger {

ExitStatus exit_status(const Failure& failure) {
  switch (failure.remedy()) {
    case Remedy::kCorrectInput:
      return ExitStatus::kInvalid;
    case Remedy::kRetryLater:
      return ExitStatus::kBusy;
    case Remedy::kAskLedger:
      return ExitStatus::kUnknown;
    case Remedy::kDamageFound:
      return ExitStatus::kDamaged;
    case Remedy::kReconnect:
    case Remedy::kCallOperator:
      return ExitStatus::kFailed;
  }
  return ExitStatus::kFailed;
}

ExitStatus exit_status(const Rejection& answer) {
  if (answer.code == "overloaded" || answer.code == "rows.behind" || answer.code == "rows.catching_up")
    return ExitStatus::kBusy;
  if (answer.code == "storage.full" || answer.code == "rows.stopped") return ExitStatus::kFailed;
  // A question is checked by the ledger that answers it, but its parameters are wrong whatever that holds.
  if (answer.code.ends_with(".invalid") && answer.code != "filter.invalid") return ExitStatus::kInvalid;
  // These do not depend on the ledger's content: the catalog decides, or the cursor has a form that we never issue.
  for (const char* code : {"workspace.required", "tenant.required", "tenant.not_allowed", "cursor.invalid",
                           "policy.out_of_bounds", "type.unknown", "run.invalid", "filter.too_many"}) {
    if (answer.code == code) return ExitStatus::kInvalid;
  }
  return ExitStatus::kRefused;
}

}  // namespace runledger
