// Tests which texts the ledger accepts as JSON, and the code with which it refuses each other one.
//
// Most tests are tables of texts and the code that each one is refused with. Limits are tested on both sides: the
// greatest text that is accepted, and the next one that is not. As a message may be logged, the last tests check
// that a refusal repeats no part of the text that could be secret.
#include "ledger/values/json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <initializer_list>
#include <string>
#include <vector>

#include "tests/fixtures/world/answers.h"

namespace runledger {
namespace {

std::string repeat(std::string_view piece, std::size_t times) {
  std::string text;
  text.reserve(piece.size() * times);
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

std::string text_of_bytes(std::size_t bytes) {
  std::string text(bytes, 'x');
  text.front() = text.back() = '"';
  return text;
}

TEST(Json, AcceptsEveryKindOfValue) {
  const auto value = parse_json(R"( {"a":[1,-2,3.5,true,false,null,"x"],"b":{}} )", {});
  ASSERT_TRUE(value);
  using Array = JsonValue::Array;
  using Object = JsonValue::Object;
  const auto whole = [](std::int64_t number) { return JsonValue{number}; };
  EXPECT_EQ(
      *value,
      (JsonValue{Object{{"a", {Array{whole(1), whole(-2), {3.5}, {true}, {false}, {}, {"x"}}}}, {"b", {Object{}}}}}));
}

TEST(Json, AcceptsAScalarAsTheWholeText) {
  for (const char* text : {"0", "\"x\"", "true", "null", "[]", "{}", " [ ] \r\n\t"})
    EXPECT_EQ(code_of(parse_json(text, {})), "") << text;
}

TEST(Json, IsMalformedWhereTheGrammarSaysSo) {
  for (const std::string& text : std::initializer_list<std::string>{"",
                                                                    " ",
                                                                    "{",
                                                                    "}",
                                                                    "[",
                                                                    "[1",
                                                                    "[1,]",
                                                                    "{\"a\":1,}",
                                                                    "{\"a\"}",
                                                                    "{a:1}",
                                                                    "{'a':1}",
                                                                    "{1:2}",
                                                                    "[1 2]",
                                                                    "nul",
                                                                    "NaN",
                                                                    "Infinity",
                                                                    "-Infinity",
                                                                    "-",
                                                                    "+1",
                                                                    "01",
                                                                    "0123",
                                                                    "-01",
                                                                    "1.",
                                                                    ".5",
                                                                    "1e",
                                                                    "1e+",
                                                                    "0x10",
                                                                    "1_000",
                                                                    "\"",
                                                                    "\"a",
                                                                    "\"\\x\"",
                                                                    "\"\\u12\"",
                                                                    "\"\\u12G4\"",
                                                                    "\"a\nb\"",
                                                                    "\"a\tb\"",
                                                                    "\"\x01\"",
                                                                    "[1]x",
                                                                    "[1] [2]",
                                                                    "{}{}",
                                                                    "{},",
                                                                    "1 2",
                                                                    "// no\n{}",
                                                                    "/* no */ {}",
                                                                    "\xEF\xBB\xBF{}",
                                                                    "\xEF\xBB\xBF",
                                                                    "True",
                                                                    "[,1]",
                                                                    "{\"a\":}",
                                                                    "{:1}",
                                                                    "\f{}",
                                                                    "{\"kind\":\"requested\",\"run\":\"a"}) {
    EXPECT_EQ(code_of(parse_json(text, {})), "json.malformed") << text;
  }
}

TEST(Json, RefusesBadCharacters) {
  for (const std::string& text : std::initializer_list<std::string>{"\"\xFF\"",
                                                                    "\"\xC3\"",
                                                                    "\"\xC0\xAF\"",
                                                                    "\"\xED\xA0\x80\"",
                                                                    "\"\xF4\x90\x80\x80\"",
                                                                    "{\"\xFF\":1}",
                                                                    "\xFE\xFF",
                                                                    "\"\\ud800\"",
                                                                    "\"\\udc00\"",
                                                                    "\"\\ud800x\"",
                                                                    "\"\\ud800\\u0041\"",
                                                                    "\"\\udc00\\ud800\"",
                                                                    "{\"\\ud800\":1}",
                                                                    "\"\\u0000\"",
                                                                    "\"a\\u0000b\"",
                                                                    "{\"\\u0000\":1}",
                                                                    "{\"a\\u0000\":1}",
                                                                    std::string("\"\0\"", 3),
                                                                    std::string("{}\0", 3),
                                                                    std::string("{}\0garbage", 10),
                                                                    std::string("\0", 1)}) {
    EXPECT_EQ(code_of(parse_json(text, {})), "json.bad_character") << text;
  }
}

TEST(Json, AcceptsPairsOfSurrogatesAndEveryOtherCharacter) {
  const auto value = parse_json("\"\\ud83d\\ude02 😂 \\uffff \\u007f \u0080 \\/\"", {});
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, JsonValue{"😂 😂 \xEF\xBF\xBF \x7F \u0080 /"});
}

TEST(Json, RefusesDuplicateKeys) {
  for (const char* text : {R"({"a":1,"a":2})", R"({"a":1,"b":2,"a":1})", R"({"x":{"a":1,"a":1}})",
                           R"({"a":1,"\u0061":2})", R"([{"":1,"":2}])", R"({"a":{},"a":{}})", R"({"a":[],"a":1})"}) {
    EXPECT_EQ(code_of(parse_json(text, {})), "json.duplicate_key") << text;
  }
  EXPECT_EQ(code_of(parse_json(R"({"a":{"a":1},"b":{"a":1},"A":1})", {})), "");
}

TEST(Json, TellsFormsOfOneKeyApart) {
  const auto value = parse_json("{\"\u00e9\":1,\"e\u0301\":2}", {});
  ASSERT_TRUE(value);
  EXPECT_EQ(value->get_if<JsonValue::Object>()->size(), 2U);
}

TEST(Json, RefusesNumbersThatItWouldAlter) {
  for (const char* text : {"9007199254740993",
                           "-9007199254740993",
                           "9007199254740994",
                           "18446744073709551615",
                           "18446744073709551616",
                           "-9223372036854775808",
                           "-9223372036854775809",
                           "100000000000000000000",
                           "1e400",
                           "-1e400",
                           "1e20",
                           "1e21",
                           "1.7976931348623157e308",
                           "9007199254740993.0",
                           "9.007199254740993e15",
                           "9007199254740992.5",
                           "999999999999999999999",
                           "1000000000000000000000",
                           "[1,2,1e309]",
                           "{\"a\":9007199254740993}",
                           "1.123456789012345678",
                           "123456789.123456789",
                           "0.1000000000000000055511151231257827",
                           "333333333.33333329",
                           "4e-324",
                           "1e-400",
                           "-1e-999999999999999999999"}) {
    EXPECT_EQ(code_of(parse_json(text, {})), "json.number_out_of_range") << text;
  }
}

TEST(Json, NamesTheNumberThatItRefusesByItsPath) {
  struct Case {
    const char* text;
    const char* path;
  };
  for (const Case& it : {Case{"1e400", "\"\""}, Case{R"({"a":9007199254740993})", "\"/a\""},
                         Case{R"({"b":[],"a":[1,{"x/y":[[2],0.12345678901234567]},3]})", "\"/a/1/x~1y/1\""},
                         Case{R"([0,[1e21]])", "\"/1/0\""}, Case{R"({"a":{"b":1e400}})", "\"/a/b\""}}) {
    const auto result = parse_json(it.text, {});
    ASSERT_FALSE(result) << it.text;
    const std::string detail = result.rejection().detail.str();
    EXPECT_NE(detail.find(std::string("at ") + it.path + ": write it as a string"), std::string::npos) << detail;
  }
}

TEST(Json, AcceptsNumbersUpToTheirLimits) {
  for (const char* text : {"9007199254740992", "-9007199254740992", "9007199254740991.0", "9007199254740992.0",
                           "90071992547409920e-1", "5e-324", "2.2250738585072014e-308", "-0", "-0.0", "0e5", "1E+2",
                           "0e-999999999999999999999", "0.0000000000000000000000", "1.10", "0.30000000000000004"}) {
    EXPECT_EQ(code_of(parse_json(text, {})), "") << text;
  }
}

TEST(Json, RoundsNumbersOnlyWhereItIsTold) {
  const JsonLimits rounded{.numbers = JsonNumbers::kRounded};
  EXPECT_EQ(*parse_json("1.123456789012345678", rounded), *parse_json("1.1234567890123457", {}));
  for (const char* text : {"1e21", "1.7976931348623157e308", "1e-400"})
    EXPECT_EQ(code_of(parse_json(text, rounded)), "") << text;
  for (const char* text : {"9007199254740993", "9007199254740992.0", "1e20", "1e400", "1000000000000000000000"})
    EXPECT_EQ(code_of(parse_json(text, rounded)), "json.number_out_of_range") << text;
}

TEST(Json, SeesOneValueInEverySpellingOfANumber) {
  const JsonValue one = *parse_json("1", {});
  for (const char* text : {"1.0", "1e0", "10e-1", "0.1e1", "1.000"}) {
    const auto value = parse_json(text, {});
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(*value, one) << text;
  }
  EXPECT_EQ(*parse_json("-0", {}), *parse_json("0", {}));
  EXPECT_EQ(*parse_json("-0.0", {}), *parse_json("0", {}));
}

TEST(Json, HoldsTheLimitOfBytes) {
  const JsonLimits limits{.bytes_max = 100};
  EXPECT_EQ(code_of(parse_json(text_of_bytes(99), limits)), "");
  EXPECT_EQ(code_of(parse_json(text_of_bytes(100), limits)), "");
  EXPECT_EQ(code_of(parse_json(text_of_bytes(101), limits)), "json.too_large");
  EXPECT_EQ(code_of(parse_json(text_of_bytes(10U * 1024 * 1024), {})), "json.too_large");
}

TEST(Json, HoldsTheLimitOfLevels) {
  const JsonLimits limits{.depth_max = 3};
  EXPECT_EQ(code_of(parse_json("[[]]", limits)), "");
  EXPECT_EQ(code_of(parse_json("[[[]]]", limits)), "");
  EXPECT_EQ(code_of(parse_json("[[[1,2]],[[]]]", limits)), "");
  EXPECT_EQ(code_of(parse_json("[[[[]]]]", limits)), "json.too_deep");
  EXPECT_EQ(code_of(parse_json(R"({"a":{"b":{"c":{}}}})", limits)), "json.too_deep");
  EXPECT_EQ(code_of(parse_json(R"({"a":[{"c":1}]})", limits)), "");
}

TEST(Json, HoldsTheLimitOfKeysOverAllLevels) {
  const JsonLimits limits{.keys_max = 4};
  EXPECT_EQ(code_of(parse_json("[1,2,3]", limits)), "");
  EXPECT_EQ(code_of(parse_json("[1,2,3,4]", limits)), "");
  EXPECT_EQ(code_of(parse_json("[1,2,3,4,5]", limits)), "json.too_many_keys");
  EXPECT_EQ(code_of(parse_json(R"({"a":1,"b":[1,2]})", limits)), "");
  EXPECT_EQ(code_of(parse_json(R"({"a":1,"b":[1,2,3]})", limits)), "json.too_many_keys");
  EXPECT_EQ(code_of(parse_json(R"({"a":1,"b":2,"c":3,"d":4,"e":5})", limits)), "json.too_many_keys");
}

TEST(Json, StopsAtTheFirstLimitOfAHostileText) {
  const std::string deep = repeat("[", 100'000);
  const std::string deep_objects = repeat("{\"a\":", 100'000);
  std::string many = "{";
  for (int i = 0; i < 1'000'000; ++i) many += fmt::format("\"{}\":0,", i);
  many.back() = '}';
  const JsonLimits limits{.bytes_max = 100U * 1024 * 1024};

  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(code_of(parse_json(deep, {})), "json.too_deep");
  EXPECT_EQ(code_of(parse_json(deep_objects, {})), "json.too_deep");
  EXPECT_EQ(code_of(parse_json(many, limits)), "json.too_many_keys");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(500));
}

TEST(Json, TakesTheFirstOfSeveralFaults) {
  EXPECT_EQ(code_of(parse_json(R"({"a":1,"a":1e400})", {})), "json.duplicate_key");
  EXPECT_EQ(code_of(parse_json(R"({"b":1e400,"a":1,"a":1})", {})), "json.number_out_of_range");
}

TEST(Json, RepeatsNothingOfWhatItRefuses) {
  const auto result = parse_json("{\"a\":\"top-confidential-value", {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.rejection().detail.str().find("confidential"), std::string::npos);
}

TEST(Json, NamesADuplicateKeyUnlessItIsASecret) {
  EXPECT_NE(parse_json(R"({"ab":1,"ab":2})", {}).rejection().detail.str().find("ab"), std::string::npos);
  const std::string key = "gh" + ("p_" + std::string(36, 'A'));
  const auto result = parse_json("{\"" + key + "\":1,\"" + key + "\":2}", {});
  EXPECT_EQ(result.rejection().detail.str().find(key), std::string::npos);
}

}  // namespace
}  // namespace runledger
