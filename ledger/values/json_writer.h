// Writes JSON whose members stay in the order in which the caller writes them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "ledger/base/enum_words.h"
#include "ledger/values/time.h"
#include "ledger/values/uuid.h"

namespace runledger {

// Appends to one string. Every begin needs its end, every key is followed by one value, and texts must be valid UTF-8;
// the writer checks none of these. It is not thread-safe.
class JsonWriter {
 public:
  enum class Layout { kOneLine, kIndented };  // kIndented: each member on a line of its own, one space per level.

  explicit JsonWriter(Layout layout = Layout::kOneLine) : layout_(layout) {}

  JsonWriter& begin_object() { return begin('{'); }
  JsonWriter& end_object() { return end('}'); }
  JsonWriter& begin_array() { return begin('['); }
  JsonWriter& end_array() { return end(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& text(std::string_view value);
  template <class Integer>
  JsonWriter& number(Integer value) {
    static_assert(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>);
    return json(std::to_string(value));
  }
  JsonWriter& real(double value);  // Always has a fraction, even a zero one. Requires a finite number.
  JsonWriter& boolean(bool value) { return json(value ? "true" : "false"); }
  JsonWriter& null() { return json("null"); }
  // Adds a text that is JSON already, unchanged.
  JsonWriter& json(std::string_view value);

  // Calls the function above that fits the type. An enum becomes its word, a name its text, a time and an id the text
  // of format_time() and format_uuid(), and an empty optional null.
  template <class T>
  JsonWriter& value(const T& held) {
    if constexpr (std::is_same_v<T, bool>) {
      return boolean(held);
    } else if constexpr (std::is_integral_v<T>) {
      return number(held);
    } else if constexpr (std::is_floating_point_v<T>) {
      return real(held);
    } else if constexpr (WithWords<T>) {
      return text(to_string(held));
    } else if constexpr (std::is_same_v<T, Time>) {
      return text(format_time(held));
    } else if constexpr (requires { format_uuid(held.value); }) {
      return text(format_uuid(held.value));
    } else if constexpr (requires { held.str(); }) {
      return text(held.str());
    } else {
      return text(held);
    }
  }
  template <class T>
  JsonWriter& value(const std::optional<T>& held) {
    return held ? value(*held) : null();
  }
  template <class T>
  JsonWriter& member(std::string_view name, const T& held) {
    key(name);
    return value(held);
  }

  // Returns the number of bytes written so far.
  [[nodiscard]] std::size_t size() const { return out_.size(); }
  // Moves the text out of the writer.
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  JsonWriter& begin(char bracket);
  JsonWriter& end(char bracket);
  void separate();
  void break_line();
  [[nodiscard]] bool is_empty_container() const { return out_.back() == '{' || out_.back() == '['; }

  Layout layout_;
  std::string out_;
  std::size_t depth_ = 0;
  bool after_key_ = false;
};

}  // namespace runledger
