// Failures of the surroundings: disk, database, operating system. Thrown; caught only at the edges of the program.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace runledger {

// What the one who catches a Failure can do about it.
enum class Remedy {
  kCorrectInput,  // The request cannot work as given: a wrong path, a wrong option.
  kRetryLater,    // Somebody else is using it, or it is overloaded.
  kReconnect,     // A connection was lost; nothing is known to be half-done.
  kAskLedger,     // It is unknown whether the command took effect; repeat it with the same command id.
  kCallOperator,  // The disk or the system failed.
  kDamageFound,   // Stored data is not what was written.
};

// `code` is stable ("storage.damaged"); what() is one line that names the thing, what was expected, what was found.
class Failure : public std::runtime_error {
 public:
  Failure(Remedy remedy, std::string_view code, const std::string& what)
      : std::runtime_error(what), remedy_(remedy), code_(code) {}

  [[nodiscard]] Remedy remedy() const noexcept { return remedy_; }
  [[nodiscard]] const std::string& code() const noexcept { return code_; }

 private:
  Remedy remedy_;
  std::string code_;
};

}  // namespace runledger
