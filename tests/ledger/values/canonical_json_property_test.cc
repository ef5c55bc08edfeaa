// Properties of the canonical form of any JSON value.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "ledger/base/utf8.h"
#include "ledger/values/json.h"

namespace runledger {
namespace {

// Returns strings of characters at which encodings, escapes and orders change.
rc::Gen<std::string> any_string() {
  const auto any_character =
      rc::gen::oneOf(rc::gen::inRange<std::uint32_t>(1, 0x80), rc::gen::inRange<std::uint32_t>(0x80, 0x800),
                     rc::gen::inRange<std::uint32_t>(0xD000, 0xD800), rc::gen::inRange<std::uint32_t>(0xE000, 0x10000),
                     rc::gen::inRange<std::uint32_t>(0x10000, 0x110000));
  return rc::gen::map(rc::gen::container<std::vector<std::uint32_t>>(any_character), [](const auto& characters) {
    std::string text;
    for (const std::uint32_t c : characters) append_utf8(text, c);
    return text;
  });
}

// Returns finite doubles whose text the parser accepts.
rc::Gen<JsonValue> any_number() {
  return rc::gen::oneOf(
      rc::gen::map(rc::gen::inRange<std::int64_t>(-(std::int64_t{1} << 53), (std::int64_t{1} << 53) + 1),
                   [](std::int64_t value) { return JsonValue{value}; }),
      rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [](std::uint64_t bits) {
        double value = 0;
        std::memcpy(&value, &bits, sizeof(value));
        const bool accepted = std::isfinite(value) && (value != std::trunc(value) || std::abs(value) >= 1e21);
        return JsonValue{accepted ? value : 0.5};
      }));
}

rc::Gen<JsonValue> any_value(int depth);

rc::Gen<JsonValue> any_array(int depth) {
  return rc::gen::map(rc::gen::container<std::vector<JsonValue>>(any_value(depth)),
                      [](const auto& elements) { return JsonValue{elements}; });
}

rc::Gen<JsonValue> any_object(int depth) {
  return rc::gen::map(rc::gen::container<std::map<std::string, JsonValue>>(any_string(), any_value(depth)),
                      [](const auto& members) { return JsonValue{JsonValue::Object(members.begin(), members.end())}; });
}

rc::Gen<JsonValue> any_value(int depth) {
  const auto scalar =
      rc::gen::oneOf(rc::gen::just(JsonValue{}), rc::gen::map<bool>([](bool b) { return JsonValue{b}; }), any_number(),
                     rc::gen::map(any_string(), [](std::string s) { return JsonValue{std::move(s)}; }));
  if (depth == 0) return scalar;
  return rc::gen::oneOf(scalar, rc::gen::resize(6, any_array(depth - 1)), rc::gen::resize(6, any_object(depth - 1)));
}

// Writes the same value with white space and with its members in another order.
std::string written_otherwise(const JsonValue& value) {
  if (const auto* elements = value.get_if<JsonValue::Array>()) {
    std::string text = "[";
    for (const JsonValue& element : *elements) text += (text.size() > 1 ? " ,\n" : " ") + written_otherwise(element);
    return text + " ]";
  }
  const auto* object = value.get_if<JsonValue::Object>();
  if (object == nullptr) return canonical_json(value);
  std::vector<std::string> members;
  for (const auto& [key, member] : *object)
    members.push_back(canonical_json({key}) + "\t: " + written_otherwise(member));
  std::reverse(members.begin(), members.end());
  std::string text = "{";
  for (const std::string& member : members) text += (text.size() > 1 ? " , " : " ") + member;
  return text + "}";
}

constexpr JsonLimits kWide{
    .bytes_max = 64U * 1024 * 1024, .depth_max = 64, .keys_max = 1'000'000, .numbers = JsonNumbers::kRounded};

RC_GTEST_PROP(CanonicalJsonLaws, ParsingTheCanonicalFormGivesTheValueBack, ()) {
  const JsonValue value = *any_value(3);
  const auto parsed = parse_json(canonical_json(value), kWide);
  RC_ASSERT(static_cast<bool>(parsed));
  RC_ASSERT(*parsed == value);
}

RC_GTEST_PROP(CanonicalJsonLaws, TheCanonicalFormOfTheCanonicalFormIsItself, ()) {
  const std::string once = canonical_json(*any_value(3));
  RC_ASSERT(canonical_json(*parse_json(once, kWide)) == once);
}

RC_GTEST_PROP(CanonicalJsonLaws, OrderOfMembersAndWhiteSpaceMakeNoDifference, ()) {
  const JsonValue value = *any_value(3);
  const auto parsed = parse_json(written_otherwise(value), kWide);
  RC_ASSERT(static_cast<bool>(parsed));
  RC_ASSERT(canonical_json(*parsed) == canonical_json(value));
}

RC_GTEST_PROP(CanonicalJsonLaws, DifferentValuesHaveDifferentForms, ()) {
  const JsonValue first = *any_value(2);
  const JsonValue second = *any_value(2);
  RC_ASSERT((first == second) == (canonical_json(first) == canonical_json(second)));
}

RC_GTEST_PROP(JsonLaws, NoTextBreaksTheParser, ()) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::oneOf(
      rc::gen::arbitrary<std::string>(),
      rc::gen::elementOf(std::vector<std::string>{"{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\\u", "d800", "1", "-",
                                                  "e", "true", "null", " ", "{\"a\":", "\xFF", "1e400"})));
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  const auto parsed = parse_json(text, {});
  if (parsed) {
    RC_ASSERT(*parse_json(canonical_json(*parsed), {}) == *parsed);
  } else {
    RC_ASSERT(parsed.rejection().code.rfind("json.", 0) == 0);
  }
}

}  // namespace
}  // namespace runledger
