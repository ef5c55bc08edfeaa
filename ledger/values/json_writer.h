// Writes JSON objects whose members stay in the order in which they are given.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace runledger {

// Appends to one string. Requires that every begin is ended. Texts must be valid UTF-8.
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
  JsonWriter& real(double value);  // With a fraction, even if it is zero. Requires a finite one.
  JsonWriter& boolean(bool value) { return json(value ? "true" : "false"); }
  JsonWriter& null() { return json("null"); }
  // JSON that is written already.
  JsonWriter& json(std::string_view value);

  // Whichever of these fits the type; an optional that is empty is null.
  template <class T>
  JsonWriter& value(const T& held) {
    if constexpr (std::is_same_v<T, bool>) {
      return boolean(held);
    } else if constexpr (std::is_integral_v<T>) {
      return number(held);
    } else if constexpr (std::is_floating_point_v<T>) {
      return real(held);
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

  // How much is written.
  [[nodiscard]] std::size_t size() const { return out_.size(); }
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
