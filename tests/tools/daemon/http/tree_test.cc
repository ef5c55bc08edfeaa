// The paths of tiles, as https://c2sp.org/tlog-tiles writes them.
#include "tools/daemon/http/tree.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace runledger {
namespace {

std::string parsed(std::string_view level, std::string_view rest) {
  const std::optional<TileRange> range = parse_tile_path(level, rest);
  return range ? fmt::format("{} {} {}", range->level, range->index, range->width) : "none";
}

TEST(TilePath, NamesLevelIndexAndWidth) {
  EXPECT_EQ(parsed("0", "000"), "0 0 256");
  EXPECT_EQ(parsed("1", "067"), "1 67 256");
  EXPECT_EQ(parsed("0", "x001/x234/067"), "0 1234067 256");
  EXPECT_EQ(parsed("0", "x001/x234/067.p/8"), "0 1234067 8");
  EXPECT_EQ(parsed("63", "000.p/255"), "63 0 255");
  EXPECT_EQ(parsed("0", "x999/x999/x999/x999/x999/999"), "0 999999999999999999 256");
}

TEST(TilePath, HasOneSpelling) {
  for (const std::string_view level : {"", "00", "64", "-1", "+1", "x", "entries", "1.0"})
    EXPECT_EQ(parsed(level, "000"), "none") << level;
  for (const std::string_view rest : {"",
                                      "0",
                                      "00",
                                      "0000",
                                      "x000",
                                      "x000/000",
                                      "001/000",
                                      "x001",
                                      "x001/x000",
                                      "x001/000/",
                                      "/000",
                                      "x001//000",
                                      "X001/000",
                                      "000.p",
                                      "000.p/",
                                      "000.p/0",
                                      "000.p/256",
                                      "000.p/01",
                                      "000.p/+1",
                                      "000.p/1/",
                                      "000.p/1.p/1",
                                      "000.q/1",
                                      "000/p/1",
                                      "-01",
                                      "0a0",
                                      "x001/234/067",
                                      "x999/x999/x999/x999/x999/x999/999"})
    EXPECT_EQ(parsed("0", rest), "none") << rest;
}

TEST(Tile, IsWithinATreeOfThoseSizesThatHaveItsHashes) {
  EXPECT_FALSE((TileRange{0, 0, 1}.is_within(0)));
  EXPECT_TRUE((TileRange{0, 0, 1}.is_within(1)));
  EXPECT_FALSE((TileRange{0, 0, 2}.is_within(1)));
  EXPECT_FALSE((TileRange{0, 0, 256}.is_within(255)));
  EXPECT_TRUE((TileRange{0, 0, 256}.is_within(256)));
  // A tree of 70,000 leaves, as the definition has it.
  EXPECT_TRUE((TileRange{0, 272, 256}.is_within(70'000)));
  EXPECT_TRUE((TileRange{0, 273, 112}.is_within(70'000)));
  EXPECT_FALSE((TileRange{0, 273, 113}.is_within(70'000)));
  EXPECT_TRUE((TileRange{1, 0, 256}.is_within(70'000)));
  EXPECT_TRUE((TileRange{1, 1, 17}.is_within(70'000)));
  EXPECT_FALSE((TileRange{1, 1, 18}.is_within(70'000)));
  EXPECT_TRUE((TileRange{2, 0, 1}.is_within(70'000)));
  EXPECT_FALSE((TileRange{3, 0, 1}.is_within(70'000)));
  EXPECT_FALSE((TileRange{63, 0, 1}.is_within(~std::uint64_t{0})));
}

}  // namespace
}  // namespace runledger
