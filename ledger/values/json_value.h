// A JSON value in memory, as parse_json() (ledger/values/json.h) builds it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace runledger {

// A value, and read-only once it is built, so any thread may use it.
struct JsonValue {
  using Array = std::vector<JsonValue>;
  using Object = std::map<std::string, JsonValue, std::less<>>;  // Ordered by the bytes of the names.

  // std::monostate is JSON's null. A whole number within +-2^53 is a std::int64_t, any other number a finite double.
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> held;

  // Returns null unless the value is of this kind.
  template <class Kind>
  [[nodiscard]] const Kind* get_if() const {
    return std::get_if<Kind>(&held);
  }
  // Returns the member of this name, and of this kind; null when the value is not an object or has no such member.
  [[nodiscard]] const JsonValue* find(std::string_view member) const;
  template <class Kind>
  [[nodiscard]] const Kind* find(std::string_view member) const {
    const JsonValue* found = find(member);
    return found == nullptr ? nullptr : found->get_if<Kind>();
  }
  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(held); }
  [[nodiscard]] std::string_view type_name() const;  // "null", "boolean", "number", "string", "array" or "object".

  friend bool operator==(const JsonValue& a, const JsonValue& b);
};

}  // namespace runledger
