// How the program ends, and how a refusal travels to main.
#pragma once

#include <utility>

#include "ledger/base/failure.h"
#include "ledger/values/rejection.h"

namespace runledger {

// The numbers are part of the contract with scripts (docs/cli.md).
enum class ExitStatus : int {
  kDone = 0,
  kFailed = 1,
  kInvalid = 2,  // Wrong usage, or input that is wrong whatever the ledger holds.
  kDeduped = 3,  // Deduplicated or skipped, when asked for by --fail-if-deduped.
  kRefused = 4,  // By a rule: what the ledger holds speaks against it.
  kDamaged = 5,
  kBusy = 6,
  kUnknown = 7,  // Whether the command took effect.
};

[[nodiscard]] ExitStatus exit_status(const Failure& failure);

// Of an answer by the ledger. The rule that tells kInvalid from kRefused everywhere: a check that never looked at the
// ledger is kInvalid (see need()), and so is what is answered the same whatever the ledger holds ("tenant.required",
// "cursor.invalid" and their like); an answer by the ledger's rules is kRefused. Besides, "overloaded" and
// "rows.behind" are kBusy, "storage.full" and "rows.stopped" kFailed, since none is about the command.
[[nodiscard]] ExitStatus exit_status(const Rejection& answer);

// A refusal that ends the command with a status of its own; any other Refused ends it with kInvalid.
class RefusedWith : public Refused {
 public:
  RefusedWith(Rejection rejection, ExitStatus status) : Refused(std::move(rejection)), status_(status) {}

  [[nodiscard]] ExitStatus status() const noexcept { return status_; }

 private:
  ExitStatus status_;
};

// The value, or the end of the command with what the ledger said against it.
template <class T>
[[nodiscard]] T require_answer(Result<T> result) {
  if (!result) throw RefusedWith(result.rejection(), exit_status(result.rejection()));
  return *std::move(result);
}

}  // namespace runledger
