// Failures of the surroundings: disk, database, operating system.
//
// They are thrown, and caught only at the edges of the program.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "ledger/base/enum_words.h"

namespace runledger {

// What a caller that catches a Failure can do about it.
enum class Remedy {
  kCorrectInput,  // The request cannot work as given: a wrong path, a wrong option.
  kRetryLater,    // Another process is using it, or it is overloaded.
  kReconnect,     // A connection was lost; nothing is known to be half-done.
  kAskLedger,     // The command may or may not have taken effect; repeat it with the same command id.
  kCallOperator,  // The disk or the system failed.
  kDamageFound,   // Stored data differs from what was written.
};
template <>
inline constexpr auto kEnumWords<Remedy> = enum_words<Remedy>({
    {Remedy::kCorrectInput, "correct-input"},
    {Remedy::kRetryLater, "retry-later"},
    {Remedy::kReconnect, "reconnect"},
    {Remedy::kAskLedger, "ask-ledger"},
    {Remedy::kCallOperator, "call-operator"},
    {Remedy::kDamageFound, "damage-found"},
});

// code() is stable, such as "storage.damaged". what() is one line that names the thing, what was expected and what was
// found.
class Failure : public std::runtime_error {
 public:
  Failure(Remedy remedy, std::string_view code, const std::string& what)
      : std::runtime_error(what), remedy_(remedy), code_(code) {}

  // Whether the same may succeed when it is tried again later.
  [[nodiscard]] bool may_pass() const noexcept {
    return remedy_ == Remedy::kRetryLater || remedy_ == Remedy::kReconnect || remedy_ == Remedy::kAskLedger;
  }
  [[nodiscard]] Remedy remedy() const noexcept { return remedy_; }
  [[nodiscard]] const std::string& code() const noexcept { return code_; }

 private:
  Remedy remedy_;
  std::string code_;
};

}  // namespace runledger
