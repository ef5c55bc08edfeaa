// Refusals: expected answers with a stable code, which are shown to the caller.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "ledger/base/assert.h"
#include "ledger/secrets/sanitized_text.h"

namespace runledger {

// `code` is one of the stable codes of docs/codes.md, such as "run.not_found"; programs switch on it. `detail` is
// for people: it names the thing, what was expected and what was found, and never repeats a secret.
struct Rejection {
  std::string code;
  SanitizedText detail;

  friend bool operator==(const Rejection&, const Rejection&) = default;
};

// Makes a rejection and sanitises `detail`.
[[nodiscard]] Rejection reject(std::string_view code, std::string_view detail);

// Carries a rejection to the edge that answers it: the end of a request, a line or a command. It is thrown although it
// is an expected outcome, because each of a dozen members can be refused and all of them end in the same answer.
class Refused : public std::exception {
 public:
  explicit Refused(Rejection rejection) : rejection_(std::move(rejection)) {}

  [[nodiscard]] const Rejection& rejection() const noexcept { return rejection_; }
  [[nodiscard]] const char* what() const noexcept override { return rejection_.code.c_str(); }

 private:
  Rejection rejection_;
};

// Throws Refused with reject(code, detail).
[[noreturn]] void refuse(std::string_view code, std::string_view detail);

// A value, or the reason why there is no value. It is small on purpose, and exists because C++20 has no std::expected.
template <class T>
class [[nodiscard]] Result {
 public:
  // They convert, so that a function can return a plain value or a plain rejection.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(T&& value) : held_(std::in_place_index<0>, std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(const T& value) : held_(std::in_place_index<0>, value) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Rejection rejection) : held_(std::in_place_index<1>, std::move(rejection)) {}

  explicit operator bool() const { return held_.index() == 0; }

  // These require a value, and assert it.
  T& operator*() & { return value(held_); }
  const T& operator*() const& { return value(held_); }
  T&& operator*() && { return std::move(value(held_)); }
  T* operator->() { return &value(held_); }
  const T* operator->() const { return &value(held_); }

  // Requires that there is no value, and asserts it.
  const Rejection& rejection() const {
    RUNLEDGER_ASSERT(held_.index() == 1);
    return *std::get_if<1>(&held_);
  }

 private:
  template <class Held>
  static auto& value(Held& held) {
    RUNLEDGER_ASSERT(held.index() == 0);
    return *std::get_if<0>(&held);
  }

  std::variant<T, Rejection> held_;
};

// Returns the value, or throws Refused with the rejection.
template <class T>
[[nodiscard]] T need(Result<T> result) {
  if (!result) throw Refused(result.rejection());
  return *std::move(result);
}

}  // namespace runledger
