// The failure that is thrown for every finding of damaged storage.
#pragma once

#include <string>
#include <string_view>

#include "ledger/base/failure.h"

namespace runledger {

// Has the code "storage.damaged" and kDamageFound. what() advises the operator to restore a backup; found() is the
// finding without that advice, for a caller that can give better advice.
class Damaged : public Failure {
 public:
  explicit Damaged(std::string_view found);
  [[nodiscard]] const std::string& found() const noexcept { return found_; }

 private:
  std::string found_;
};

// Throws Damaged. `what` names the place, the value expected there and the value found.
[[noreturn]] void throw_damaged(std::string_view what);

}  // namespace runledger
