// What a terminal shows of a table.
#include "tools/cli/output/terminal_layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/base/utf8.h"

namespace runledger {
namespace {

using testing::ElementsAre;

std::vector<std::string> shortened(std::vector<std::string> ids) {
  std::vector<std::string*> texts;
  for (std::string& id : ids) texts.push_back(&id);
  short_ids(texts);
  return ids;
}

TEST(ShortIds, AreTheFirstEightCharacters) {
  EXPECT_THAT(shortened({"5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11", "a1b2c3d4-7c52-4f0e-9d8b-2f6e0f4c8a11"}),
              ElementsAre("5f0c2a52", "a1b2c3d4"));
}

TEST(ShortIds, AreAsLongAsTellsThemApart) {
  EXPECT_THAT(shortened({"5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11", "a1b2c3d4-7c52-4f0e-9d8b-2f6e0f4c8a11",
                         "5f0c2a52-7c60-4f0e-9d8b-2f6e0f4c8a11"}),
              ElementsAre("5f0c2a52-7c5", "a1b2c3d4-7c5", "5f0c2a52-7c6"));
  const std::string last_differs = "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a12";
  EXPECT_THAT(shortened({"5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11", last_differs}),
              ElementsAre("5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11", last_differs));
}

TEST(ShortIds, TakeTheSameIdTwiceForOneAndLeaveOtherTexts) {
  EXPECT_THAT(shortened({"5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11", "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11", "-", ""}),
              ElementsAre("5f0c2a52", "5f0c2a52", "-", ""));
  EXPECT_THAT(shortened({}), ElementsAre());
}

TEST(CutTexts, EndWithAnEllipsisAndCountCharacters) {
  EXPECT_EQ(cut_to("abcdef", 6), "abcdef");
  EXPECT_EQ(cut_to("abcdef", 5), "abcd…");
  EXPECT_EQ(cut_to("éééé", 3), "éé…");
  EXPECT_EQ(cut_to("éééé", 4), "éééé");
  EXPECT_EQ(cut_to("ab", 1), "…");
  EXPECT_EQ(cut_to("", 1), "");
}

TEST(CutTexts, TakeNoMoreColumnsWithWideCharactersAndKeepCombiningOnes) {
  EXPECT_EQ(cut_to("東京都", 6), "東京都");
  EXPECT_EQ(cut_to("東京都", 5), "東京…");
  EXPECT_EQ(cut_to("東京都", 4), "東…") << "the second one does not fit beside the ellipsis";
  EXPECT_EQ(cut_to("東京都", 1), "…");
  EXPECT_EQ(cut_to("e\u0301e\u0301e\u0301e\u0301", 3), "e\u0301e\u0301…");
  EXPECT_EQ(cut_to("e\u0301e\u0301", 2), "e\u0301e\u0301");
}

TEST(FittedColumns, StayAsTheyAreWhereThereIsRoom) {
  EXPECT_THAT(fit_columns({{8}, {10}, {3}}, 25), ElementsAre(8, 10, 3));
}

TEST(FittedColumns, CutTheWidestTextsFirst) {
  EXPECT_THAT(fit_columns({{8, Fit::kId}, {20, Fit::kText}, {12, Fit::kText}}, 34), ElementsAre(8, 11, 11));
  EXPECT_THAT(fit_columns({{8, Fit::kId}, {20, Fit::kText}, {12, Fit::kText}}, 40), ElementsAre(8, 16, 12));
}

TEST(FittedColumns, LeaveOutTheLeastWorthAndKeepRoomToSaySo) {
  // 8 + 2 + 19 = 29, and three characters for the mark.
  EXPECT_THAT(fit_columns({{8, Fit::kId}, {19, Fit::kWhole, 2}, {10, Fit::kTime, 1}}, 32), ElementsAre(8, 19, 0));
  EXPECT_THAT(fit_columns({{8, Fit::kId}, {19, Fit::kWhole, 1}, {10, Fit::kTime, 2}}, 32), ElementsAre(8, 0, 10));
  EXPECT_THAT(fit_columns({{8, Fit::kId}, {10, Fit::kWhole}, {10, Fit::kWhole}}, 24), ElementsAre(8, 10, 0));
}

TEST(FittedColumns, AlwaysHaveTheLeftmost) {
  EXPECT_THAT(fit_columns({{36, Fit::kWhole}, {19, Fit::kWhole, 9}}, 20), ElementsAre(36, 0));
  EXPECT_THAT(fit_columns({}, 20), ElementsAre());
}

TEST(FittedColumns, NeverMakeALineThatIsTooLong) {
  const std::vector<ColumnNeed> needs = {{8, Fit::kId},        {10, Fit::kText, 3}, {17, Fit::kText, 4},
                                         {19, Fit::kWhole, 5}, {8, Fit::kWhole, 1}, {10, Fit::kTime, 2},
                                         {16, Fit::kTime, 1},  {28, Fit::kText}};
  for (std::size_t width = 8; width < 200; ++width) {
    std::size_t line = 0;
    std::size_t left_out = 0;
    for (const std::size_t column : fit_columns(needs, width)) {
      if (column == 0) ++left_out;
      if (column > 0) line += column + (line == 0 ? 0 : kColumnGap);
    }
    if (left_out == needs.size() - 1) continue;
    EXPECT_LE(line + (left_out > 0 ? kColumnGap + 1 : 0), width);
  }
}

}  // namespace
}  // namespace runledger
