// Lines of counts, good and bad, in pieces of any size.
#include "jobs/exec/count_lines.h"

#include <gtest/gtest.h>

#include "tests/fixtures/data/examples.h"

namespace runledger {
namespace {

using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.

std::vector<std::string> codes_of(CountLines& lines) {
  std::vector<std::string> codes;
  for (const Rejection& complaint : lines.take_complaints()) codes.push_back(complaint.code);
  return codes;
}

CountLines read(std::string_view text) {
  CountLines lines;
  lines.feed(text);
  lines.end();
  return lines;
}

using Codes = std::vector<std::string>;

TEST(CountLines, AreAbsoluteAndTheLastOneWins) {
  CountLines lines = read("runledger:count processed=1\nrunledger:count failed=0\n\nrunledger:count processed=12\n");
  EXPECT_EQ(lines.counts(), counts({{"processed", 12}, {"failed", 0}}));
  EXPECT_EQ(codes_of(lines), Codes{});
}

TEST(CountLines, ComeInPiecesAndWithAnyLineEnd) {
  const std::string_view text = "runledger:count processed=12\r\nrunledger:count failed=3";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    CountLines lines;
    for (std::size_t at = 0; at < text.size(); at += size) lines.feed(text.substr(at, size));
    EXPECT_EQ(lines.counts().size(), 1U) << "the second line is not complete yet";
    lines.end();
    lines.end();
    EXPECT_EQ(lines.counts(), counts({{"processed", 12}, {"failed", 3}})) << size;
    EXPECT_EQ(codes_of(lines), Codes{});
  }
}

TEST(CountLines, ThatCannotBeUsedAreLeftOutAndComplainedOf) {
  for (const auto& [line, code] : std::vector<std::pair<std::string, std::string>>{
           {"processed=1", "counts.invalid"},
           {"runledger:count", "counts.invalid"},
           {"runledger:count processed", "counts.invalid"},
           {"runledger:count processed=", "counts.invalid"},
           {"runledger:count processed=-1", "counts.invalid"},
           {"runledger:count processed=1.5", "counts.invalid"},
           {"runledger:count processed= 1", "counts.invalid"},
           {"runledger:count processed=9007199254740992", "counts.invalid"},
           {"runledger:count processed=99999999999999999999", "counts.invalid"},
           {"runledger:count Processed=1", "counts.key_invalid"},
           {"runledger:count  processed=1", "counts.key_invalid"},
           {std::string("runledger:count a\0=1", 20), "counts.key_invalid"},
           {"\xFF\xFE", "counts.invalid"}}) {
    CountLines lines = read("runledger:count good=1\n" + line + "\nrunledger:count good=2\n");
    EXPECT_EQ(lines.counts(), counts({{"good", 2}})) << line;
    EXPECT_EQ(codes_of(lines), Codes{code}) << line;
  }
}

TEST(CountLines, AreNotRepeatedInComplaints) {
  CountLines lines = read("password=hunter2hunter2\n");
  const std::vector<Rejection> complaints = lines.take_complaints();
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_EQ(complaints.front().detail.str(),
            "line 1 of the counts is left out: expected \"runledger:count key=number\"");
}

TEST(CountLines, ThatAreTooLongArePassedOver) {
  CountLines lines;
  for (int i = 0; i < 1024; ++i) lines.feed(std::string(1024, 'x'));
  lines.feed("\nrunledger:count after=1\n");
  EXPECT_EQ(lines.counts(), counts({{"after", 1}}));
  EXPECT_EQ(codes_of(lines), Codes{"counts.invalid"});
  lines.feed(std::string(CountLines::kLineBytesMax + 1, 'x'));
  lines.end();
  EXPECT_EQ(codes_of(lines), Codes{"counts.invalid"});
}

TEST(CountLines, HaveAtMostAsManyKeysAsAnEventHolds) {
  CountLines lines;
  for (int i = 0; i < 33; ++i) lines.feed("runledger:count key_" + std::to_string(i) + "=1\n");
  lines.feed("runledger:count key_0=2\n");
  EXPECT_EQ(lines.counts().size(), kCountKeysMax);
  EXPECT_EQ(lines.counts().at(key("key_0")), 2U);
  EXPECT_EQ(codes_of(lines), Codes{"counts.too_many"});
}

TEST(CountLines, AreComplainedOfSoOftenAndNoMore) {
  CountLines lines;
  for (int i = 0; i < 1000; ++i) lines.feed("nonsense\n");
  EXPECT_EQ(lines.take_complaints().size(), CountLines::kComplaintsMax + 1);
  lines.feed("nonsense\n");
  EXPECT_EQ(lines.take_complaints().size(), 0U);
}

}  // namespace
}  // namespace runledger
