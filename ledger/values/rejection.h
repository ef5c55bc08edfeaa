// Why something was refused: an expected answer with a stable code, shown to the caller and never thrown.
#pragma once

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

// Convenience for the many places that refuse: sanitises `detail`.
[[nodiscard]] Rejection reject(std::string_view code, std::string_view detail);

// A value, or why there is none. Small on purpose: C++20 has no std::expected.
template <class T>
class [[nodiscard]] Result {
 public:
  // Both convert, so that a function just returns what it has.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Rejection rejection) : held_(std::in_place_index<1>, std::move(rejection)) {}

  explicit operator bool() const { return held_.index() == 0; }

  // Requires a value.
  T& operator*() & { return value(held_); }
  const T& operator*() const& { return value(held_); }
  T&& operator*() && { return std::move(value(held_)); }
  T* operator->() { return &value(held_); }
  const T* operator->() const { return &value(held_); }

  // Requires that there is no value.
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

}  // namespace runledger
