// Tests which members the reader of objects accepts, and how it refuses the rest.
#include "ledger/values/json_object.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "ledger/values/json.h"

namespace runledger {
namespace {

JsonValue value_of_text(std::string_view text) {
  return *parse_json(text, {});
}

// Returns "CODE: detail" of the rejection of a text; empty when the text can be read.
std::string refusal_of_object(std::string_view text, const std::function<void(const JsonObject& in)>& read) {
  const JsonValue value = value_of_text(text);
  try {
    read(JsonObject(value, "the order", "order.malformed"));
    return {};
  } catch (const Refused& refused) {
    return refused.rejection().code + ": " + refused.rejection().detail.str();
  }
}

std::string refusal_of_n(std::string_view value, const std::function<void(const JsonObject& in)>& read) {
  return refusal_of_object("{\"n\":" + std::string(value) + "}", read);
}

TEST(JsonObject, GivesMembersByNameAndForm) {
  const JsonValue value =
      value_of_text(R"({"text":"x","flag":true,"n":7,"s":1.5,"list":["a","b"],"inner":{"n":1},"none":null})");
  const JsonObject in(value, "the order", "order.malformed");
  EXPECT_EQ(in.text("text"), "x");
  EXPECT_TRUE(in.boolean("flag"));
  EXPECT_EQ(in.number("n", {.min = 7, .max = 7}), 7U);
  EXPECT_EQ(in.seconds("s", Duration(0), Duration(2'000'000)), std::chrono::milliseconds(1500));
  EXPECT_EQ(in.texts("list"), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_EQ(in.object("inner").number("n", {}), 1U);
  EXPECT_EQ(in.members().size(), 7U);
}

TEST(JsonObject, TakesNullForAbsent) {
  const JsonValue value = value_of_text(R"({"none":null})");
  const JsonObject in(value, "the order", "order.malformed");
  for (const char* name : {"none", "missing"}) {
    EXPECT_EQ(in.find(name), nullptr);
    EXPECT_EQ(in.find_text(name), nullptr);
    EXPECT_EQ(in.text_or(name, "other"), "other");
    EXPECT_TRUE(in.boolean_or(name, true));
    EXPECT_FALSE(in.find_number(name, {}));
    EXPECT_FALSE(in.find_seconds(name, Duration(0), Duration(1'000'000)));
    EXPECT_EQ(in.find_array(name), nullptr);
    EXPECT_FALSE(in.find_texts(name));
    EXPECT_FALSE(in.find_object(name));
  }
  EXPECT_TRUE(in.has("none"));
  EXPECT_FALSE(in.has("missing"));
  EXPECT_EQ(in.nullable_text("none"), nullptr);
}

TEST(JsonObject, RefusesWhatIsAbsentAndNeeded) {
  using Read = std::function<void(const JsonObject&)>;
  for (const Read& read : std::initializer_list<Read>{
           [](const JsonObject& in) { (void)in.get("n"); }, [](const JsonObject& in) { (void)in.text("n"); },
           [](const JsonObject& in) { (void)in.boolean("n"); }, [](const JsonObject& in) { (void)in.number("n", {}); },
           [](const JsonObject& in) { (void)in.seconds("n", Duration(0), Duration(1'000'000)); },
           [](const JsonObject& in) { (void)in.array("n"); }, [](const JsonObject& in) { (void)in.texts("n"); },
           [](const JsonObject& in) { (void)in.object("n"); }}) {
    EXPECT_EQ(refusal_of_object("{}", read), "order.malformed: expected the order to have \"n\", found none");
    EXPECT_EQ(refusal_of_n("null", read), "order.malformed: expected the order to have \"n\", found null");
  }
  EXPECT_EQ(refusal_of_object("{}", [](const JsonObject& in) { (void)in.nullable_text("n"); }),
            "order.malformed: expected the order to have \"n\", found none");
}

TEST(JsonObject, RefusesAnotherForm) {
  EXPECT_EQ(refusal_of_n("1", [](const JsonObject& in) { (void)in.text("n"); }),
            "order.malformed: expected n to be text, found 1");
  EXPECT_EQ(refusal_of_n("\"x\"", [](const JsonObject& in) { (void)in.boolean("n"); }),
            "order.malformed: expected n to be true or false, found string");
  EXPECT_EQ(refusal_of_n("{}", [](const JsonObject& in) { (void)in.array("n"); }),
            "order.malformed: expected n to be an array, found object");
  EXPECT_EQ(refusal_of_n("[\"a\",true]", [](const JsonObject& in) { (void)in.texts("n"); }),
            "order.malformed: expected n to be an array of texts, found one that holds boolean");
  EXPECT_EQ(refusal_of_n("[]", [](const JsonObject& in) { (void)in.object("n"); }),
            "order.malformed: expected n to be an object, found array");
  EXPECT_EQ(refusal_of_object("[]", [](const JsonObject&) {}),
            "order.malformed: expected the order to be an object, found array");
}

TEST(JsonObject, HoldsNumbersToTheirRange) {
  const auto number = [](const JsonObject& in) { (void)in.number("n", {.min = 2, .max = 4}); };
  for (const char* value : {"2", "3.0", "4"}) EXPECT_EQ(refusal_of_n(value, number), "") << value;
  for (const char* value : {"1", "5", "-3", "2.5", "1e15", "\"3\"", "true"}) EXPECT_NE(refusal_of_n(value, number), "");
  EXPECT_EQ(refusal_of_n("5", number), "order.malformed: expected n to be a whole number from 2 to 4, found 5");
  const auto time = [](const JsonObject& in) { (void)in.seconds("n", Duration(1), Duration(2'000'000)); };
  for (const char* value : {"0.000001", "1", "2"}) EXPECT_EQ(refusal_of_n(value, time), "") << value;
  for (const char* value : {"0", "-1", "2.1", "\"1\"", "1e15"}) EXPECT_NE(refusal_of_n(value, time), "") << value;
}

TEST(JsonObject, RefusesMembersThatNobodyKnows) {
  const auto only = [](const JsonObject& in) { in.only({"n", "m"}); };
  EXPECT_EQ(refusal_of_object(R"({"n":1})", only), "");
  EXPECT_EQ(refusal_of_object(R"({"n":1,"nn":2})", only),
            "order.malformed: expected the order to have only known members, found \"nn\"");
}

TEST(JsonObject, RefusesWithTheCodeThatItIsGiven) {
  EXPECT_EQ(refusal_of_n("0", [](const JsonObject& in) { (void)in.with_code("n.invalid").number("n", {.min = 1}); })
                .substr(0, 11),
            "n.invalid: ");
}

}  // namespace
}  // namespace runledger
