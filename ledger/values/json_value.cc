// Names the kinds of values and finds members.
#include "ledger/values/json_value.h"

#include <array>

namespace runledger {

std::string_view JsonValue::type_name() const {
  static constexpr std::array<std::string_view, std::variant_size_v<decltype(held)>> kNames = {
      "null", "boolean", "number", "number", "string", "array", "object"};
  return kNames[held.index()];
}

const JsonValue* JsonValue::find(std::string_view member) const {
  const auto* members = get_if<Object>();
  if (members == nullptr) return nullptr;
  const auto found = members->find(member);
  return found == members->end() ? nullptr : &found->second;
}

bool operator==(const JsonValue& a, const JsonValue& b) {
  return a.held == b.held;
}

}  // namespace runledger
