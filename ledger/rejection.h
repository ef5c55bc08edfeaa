// Why something was refused: an expected answer with a stable code, shown to the caller and never thrown.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "ledger/sanitized_text.h"

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
  Result(T value)
      : content_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor): reads as return.
  Result(Rejection rejection)
      : content_(std::in_place_index<1>, std::move(rejection)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return std::holds_alternative<T>(content_); }

  // Requires a value.
  T& operator*() & { return std::get<T>(content_); }
  const T& operator*() const& { return std::get<T>(content_); }
  T&& operator*() && { return std::get<T>(std::move(content_)); }
  T* operator->() { return &std::get<T>(content_); }
  const T* operator->() const { return &std::get<T>(content_); }

  // Requires that there is no value.
  const Rejection& rejection() const { return std::get<Rejection>(content_); }

 private:
  std::variant<T, Rejection> content_;
};

}  // namespace runledger
