// The canonical form of JSON against the vectors of RFC 8785.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "ledger/values/json.h"
#include "ledger/values/json_text.h"
#include "tests/fixtures/data/canonical_json_vectors.h"

namespace runledger {
namespace {

std::string canonical(std::string_view text) {
  const auto value = parse_json(text, {.numbers = JsonNumbers::kRounded});
  return value ? canonical_json(*value) : value.rejection().code;
}

TEST(CanonicalNumbers, AreThoseOfAppendixB) {
  for (const fixtures::CanonicalNumber& number : fixtures::canonical_numbers()) {
    double value = 0;
    std::memcpy(&value, &number.bits, sizeof(value));
    EXPECT_EQ(canonical_number(value), number.text) << std::hex << number.bits;
  }
}

TEST(CanonicalNumbers, ChangeTheirLayoutWhereEcmascriptDoes) {
  struct Case {
    double value;
    const char* text;
  };
  for (const Case& it : {Case{1e-6, "0.000001"}, Case{1e-7, "1e-7"}, Case{1.5e-7, "1.5e-7"}, Case{123e-9, "1.23e-7"},
                         Case{0.1, "0.1"}, Case{100, "100"}, Case{1e20, "100000000000000000000"}, Case{1e21, "1e+21"},
                         Case{1.5e21, "1.5e+21"}, Case{123456.789, "123456.789"}, Case{-0.5, "-0.5"},
                         Case{0.000123, "0.000123"}, Case{5e-324, "5e-324"}, Case{4.35, "4.35"}}) {
    EXPECT_EQ(canonical_number(it.value), it.text);
  }
}

TEST(CanonicalJson, IsThatOfThePublishedVectors) {
  for (const fixtures::CanonicalText& text : fixtures::canonical_texts()) {
    EXPECT_EQ(canonical(text.input), text.canonical) << text.name;
    EXPECT_EQ(canonical(text.canonical), text.canonical) << text.name;
  }
}

TEST(CanonicalJson, OrdersMembersByUtf16CodeUnits) {
  // U+E000 and U+FF21 sort after every surrogate, although U+10000 is the greater number; U+D7FF sorts before them.
  EXPECT_EQ(canonical("{\"\uE000\":1,\"\U00010000\":2,\"\uD7FF\":3,\"\uFF21\":4,\"z\":5,\"\U0010FFFF\":6}"),
            "{\"z\":5,\"\uD7FF\":3,\"\U00010000\":2,\"\U0010FFFF\":6,\"\uE000\":1,\"\uFF21\":4}");
  EXPECT_EQ(canonical("{\"a\uE000\":1,\"a\U00010000\":2,\"a\":3,\"\":4}"),
            "{\"\":4,\"a\":3,\"a\U00010000\":2,\"a\uE000\":1}");
}

TEST(CanonicalJson, EscapesOnlyWhatItMust) {
  EXPECT_EQ(canonical(R"("\u0001\b\t\n\u000b\f\r\u001f\u0020\"\\\/\u007f\u0080\u2028<>&'")"),
            "\"\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f \\\"\\\\/\x7F\u0080\u2028<>&'\"");
}

TEST(CanonicalJson, WritesEverySpellingOfANumberTheSameWay) {
  EXPECT_EQ(canonical("[1,1.0,1e0,10e-1,-0,-0.0,0.0,1E+2]"), "[1,1,1,1,0,0,0,100]");
  EXPECT_EQ(canonical("[9007199254740992,-9007199254740992]"), "[9007199254740992,-9007199254740992]");
}

TEST(CanonicalJson, LeavesOutWhiteSpace) {
  EXPECT_EQ(canonical(" { \"b\" : [ 1 , { } , [ ] ] ,\n\t\"a\" : null } "), R"({"a":null,"b":[1,{},[]]})");
}

TEST(CanonicalJson, DoesNotNormalizeUnicode) {
  EXPECT_NE(canonical("\"\u00e9\""), canonical("\"e\u0301\""));
}

}  // namespace
}  // namespace runledger
