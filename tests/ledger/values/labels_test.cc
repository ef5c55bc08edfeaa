// Tests the limits of labels.
#include "ledger/values/labels.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace runledger {
namespace {

std::string code_of_adding(Labels& labels, std::string_view key, std::string_view value) {
  try {
    add_label(labels, key, value);
  } catch (const Refused& refused) {
    return refused.rejection().code;
  }
  return "";
}

TEST(LabelLimits, TakeEightLabelsAndNoMore) {
  Labels labels;
  for (std::size_t i = 0; i < kLabelsMax; ++i) EXPECT_EQ(code_of_adding(labels, fmt::format("key{}", i), "v"), "");
  EXPECT_EQ(code_of_adding(labels, "one.more", "v"), "labels.too_many");
  EXPECT_EQ(labels.size(), kLabelsMax);
}

TEST(LabelLimits, TakeAKeyOnce) {
  Labels labels;
  EXPECT_EQ(code_of_adding(labels, "region", "eu"), "");
  EXPECT_EQ(code_of_adding(labels, "region", "us"), "label.duplicate");
  EXPECT_EQ(labels.begin()->second.str(), "eu");
}

TEST(LabelLimits, RefuseKeysOfAnotherForm) {
  Labels labels;
  for (const std::string& key : {std::string(), std::string("Region"), std::string("1st"), std::string(".a"),
                                 std::string("a-b"), std::string(65, 'a')})
    EXPECT_EQ(code_of_adding(labels, key, "v"), "label.key_invalid") << key;
  EXPECT_EQ(code_of_adding(labels, std::string(64, 'a'), "v"), "");
  EXPECT_EQ(code_of_adding(labels, "a.b..c_1.", "v"), "");
}

TEST(LabelLimits, CountTheCharactersOfTheSanitisedValue) {
  Labels labels;
  std::string longest;
  for (std::size_t i = 0; i < kLabelValueCharactersMax; ++i) longest += "\u00e9";
  EXPECT_EQ(code_of_adding(labels, "longest", longest), "");
  EXPECT_EQ(code_of_adding(labels, "longer", longest + "x"), "label.value_too_long");
  EXPECT_EQ(code_of_adding(labels, "lines", "a\nb"), "");
  EXPECT_EQ(labels.at(*parse_label_key("lines")).str(), "a b");
}

TEST(LabelLimits, HideASecretInAValue) {
  Labels labels;
  add_label(labels, "note", "password=hunter2hunter2");
  EXPECT_EQ(labels.begin()->second.str().find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace runledger
