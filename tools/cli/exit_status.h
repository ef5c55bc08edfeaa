// How the program ends, and how input that cannot be used travels to main.
#pragma once

#include <exception>
#include <string>
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
// ledger is kInvalid (see require()), and so is what is answered the same whatever the ledger holds ("tenant.required",
// "cursor.invalid" and their like); an answer by the ledger's rules is kRefused. Besides, "overloaded" and
// "rows.behind" are kBusy, "storage.full" and "rows.stopped" kFailed, since none is about the command.
[[nodiscard]] ExitStatus exit_status(const Rejection& answer);

// Ends the command: a rejection on its way to main. Thrown although it is an expected outcome, because every one of a
// command's dozen options can be refused and all of them end the program in the same way.
class Refused : public std::exception {
 public:
  Refused(Rejection rejection, ExitStatus status) : rejection_(std::move(rejection)), status_(status) {}

  [[nodiscard]] const Rejection& rejection() const noexcept { return rejection_; }
  [[nodiscard]] ExitStatus status() const noexcept { return status_; }
  [[nodiscard]] const char* what() const noexcept override { return rejection_.code.c_str(); }

 private:
  Rejection rejection_;
  ExitStatus status_;
};

// Refuses input with kInvalid; `detail` is sanitised.
[[noreturn]] void refuse_input(std::string_view code, std::string_view detail);

// The value, or the end of the command with kInvalid.
template <class T>
[[nodiscard]] T require(Result<T> result) {
  if (!result) throw Refused(result.rejection(), ExitStatus::kInvalid);
  return *std::move(result);
}

// The value, or the end of the command with what the ledger said against it.
template <class T>
[[nodiscard]] T require_answer(Result<T> result) {
  if (!result) throw Refused(result.rejection(), exit_status(result.rejection()));
  return *std::move(result);
}

}  // namespace runledger
