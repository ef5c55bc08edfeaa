// The text that the JSON writer makes.
#include "ledger/values/json_writer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

#include "ledger/values/names.h"
#include "ledger/values/policy.h"

namespace runledger {
namespace {

std::string written_example(JsonWriter::Layout layout) {
  JsonWriter out(layout);
  out.begin_object().member("a", 1).member("b", "x\n\"").key("c").begin_array();
  out.begin_object().member("d", true).end_object().begin_array().end_array().null();
  out.end_array().key("e").begin_object().end_object().key("f").json("[1]").end_object();
  return out.take();
}

TEST(JsonWriter, KeepsTheOrderOfMembers) {
  EXPECT_EQ(written_example(JsonWriter::Layout::kOneLine),
            R"({"a":1,"b":"x\n\"","c":[{"d":true},[],null],"e":{},"f":[1]})");
}

TEST(JsonWriter, IndentsByOneSpaceALevel) {
  EXPECT_EQ(written_example(JsonWriter::Layout::kIndented),
            "{\n \"a\": 1,\n \"b\": \"x\\n\\\"\",\n \"c\": [\n  {\n   \"d\": true\n  },\n  [],\n  null\n ],\n"
            " \"e\": {},\n \"f\": [1]\n}");
}

TEST(JsonWriter, WritesEveryKindOfValue) {
  JsonWriter out;
  out.begin_array().value(std::uint64_t{18446744073709551615U}).value(std::int64_t{-1}).value(false).value("x");
  out.value(std::optional<std::string>()).value(std::optional(2U)).end_array();
  EXPECT_EQ(out.take(), R"([18446744073709551615,-1,false,"x",null,2])");
}

TEST(JsonWriter, WritesWordsNamesTimesAndIdsAsTheirTexts) {
  JsonWriter out;
  out.begin_array().value(CooldownFrom::kRequest).value(*parse_workspace("acme")).value(Time{0}).value(RunId{});
  out.value(std::optional<Tenant>()).end_array();
  EXPECT_EQ(out.take(), R"(["request","acme","1970-01-01T00:00:00.000Z","00000000-0000-0000-0000-000000000000",null])");
}

TEST(JsonWriter, ShowsTheFractionOfARealNumber) {
  struct Case {
    double value;
    const char* text;
  };
  for (const Case& it : {Case{0, "0.0"}, Case{-0.0, "-0.0"}, Case{60, "60.0"}, Case{0.5, "0.5"}, Case{-1.25, "-1.25"},
                         Case{0.001, "0.001"}, Case{0.0001, "0.0001"}, Case{0.00001, "1e-05"}, Case{1e-6, "1e-06"},
                         Case{316224000, "316224000.0"}, Case{1e14, "100000000000000.0"}, Case{1e15, "1e+15"},
                         Case{1.5e300, "1.5e+300"}, Case{123456.789, "123456.789"}}) {
    JsonWriter out;
    EXPECT_EQ(out.real(it.value).take(), it.text);
  }
}

}  // namespace
}  // namespace runledger
