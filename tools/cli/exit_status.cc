// The tables from remedies and codes to exit statuses.
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
  if (answer.code == "overloaded" || answer.code == "rows.behind") return ExitStatus::kBusy;
  if (answer.code == "storage.full") return ExitStatus::kFailed;
  // Of the catalog's making, not of the ledger's: the same whatever it holds.
  for (const char* code : {"workspace.required", "tenant.required", "tenant.not_allowed"}) {
    if (answer.code == code) return ExitStatus::kInvalid;
  }
  return ExitStatus::kRefused;
}

void refuse_input(std::string_view code, std::string_view detail) {
  throw Refused(reject(code, detail), ExitStatus::kInvalid);
}

}  // namespace runledger
