// The exit statuses of the program, and the exceptions that carry a refusal to main.
#pragma once

#include <utility>

#include "ledger/base/failure.h"
#include "ledger/values/rejection.h"

namespace runledger {

// The numbers are part of the contract with scripts (docs/cli.md), so they never change.
enum class ExitStatus : int {
  kDone = 0,
  kFailed = 1,
  kInvalid = 2,  // Wrong usage, or input that is wrong regardless of the ledger's content.
  // Deduplicated, skipped or, by an import, rejected, only when asked for; of `watch`, partially succeeded.
  kDeduped = 3,
  kOverdue = 3,  // Of `overdue`: something has not succeeded in time.
  kRefused = 4,  // The ledger refused the command because of its content.
  kDamaged = 5,
  kBusy = 6,
  kUnknown = 7,  // It is unknown whether the command took effect.
  // `exec` alone: every error of this program. Its other statuses are those of the command that it runs.
  kFault = 125,
};

// Returns the status with which `exec` passes on how its command ended. Requires 0 to 255.
[[nodiscard]] constexpr ExitStatus status_of_command(int number) {
  return static_cast<ExitStatus>(number);
}

// The status follows from the failure's remedy.
[[nodiscard]] ExitStatus exit_status(const Failure& failure);

// Returns the status for a rejection by the ledger. One rule separates kInvalid from kRefused everywhere: a check that
// does not look at the ledger is kInvalid (see need()), and so is a rejection that does not depend on the ledger's
// content ("tenant.required", "cursor.invalid" and the like); a rejection by the ledger's rules is kRefused.
// "overloaded", "rows.behind" and "rows.catching_up" are kBusy, "storage.full" and "rows.stopped" kFailed, since they
// are not about the command.
[[nodiscard]] ExitStatus exit_status(const Rejection& answer);

// A refusal that ends the command with the status that it carries; any other Refused ends it with kInvalid.
class RefusedWith : public Refused {
 public:
  RefusedWith(Rejection rejection, ExitStatus status) : Refused(std::move(rejection)), status_(status) {}

  [[nodiscard]] ExitStatus status() const noexcept { return status_; }

 private:
  ExitStatus status_;
};

// Returns the value, or throws RefusedWith the ledger's rejection and its status.
template <class T>
[[nodiscard]] T require_answer(Result<T> result) {
  if (!result) throw RefusedWith(result.rejection(), exit_status(result.rejection()));
  return *std::move(result);
}

// Returns the value, or throws RefusedWith kDamaged: evidence that does not hold is a finding, not a wrong input.
template <class T>
[[nodiscard]] T require_sound(Result<T> result) {
  if (!result) throw RefusedWith(result.rejection(), ExitStatus::kDamaged);
  return *std::move(result);
}

}  // namespace runledger
