// A caller that waits for an answer, seen from the side of the caller.
#pragma once

#include <functional>
#include <utility>

namespace runledger {

// Its destruction withdraws what the caller waits for; the maker says what is answered then. It may outlive the maker.
class Waiting {
 public:
  Waiting() = default;
  explicit Waiting(std::function<void()> withdraw) : withdraw_(std::move(withdraw)) {}
  Waiting(Waiting&& other) noexcept : withdraw_(std::exchange(other.withdraw_, {})) {}
  Waiting& operator=(Waiting&& other) noexcept {
    std::swap(withdraw_, other.withdraw_);
    return *this;
  }
  ~Waiting() {
    if (withdraw_) withdraw_();
  }

 private:
  std::function<void()> withdraw_;
};

}  // namespace runledger
