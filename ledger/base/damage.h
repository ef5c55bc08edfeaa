// The failure that every finding of damaged storage throws.
#pragma once

#include <string>
#include <string_view>

#include "ledger/base/failure.h"

namespace runledger {

// "storage.damaged". Its text advises to restore a backup; `found` is for those who know a better way.
class Damaged : public Failure {
 public:
  explicit Damaged(std::string_view found);
  [[nodiscard]] const std::string& found() const noexcept { return found_; }

 private:
  std::string found_;
};

// Throws Damaged. `what` names the place, what was expected there, and what was found.
[[noreturn]] void throw_damaged(std::string_view what);

}  // namespace runledger
