// Lines in flight are settled in order, whatever their number and size.
#include "tools/cli/importing/window.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

#include "tests/fixtures/data/journal_text.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

class LinesUnderWay : public testing::Test {
 protected:
  void open(std::size_t lines_max) {
    window = std::make_unique<ImportWindow>(
        world.ledger().sequencer(), lines_max, [this](const PendingLine& line, const Answer& answer) {
          if (throw_at == line.number) throw std::runtime_error("enough");
          settled.push_back(
              fmt::format("{} {}", line.number, std::holds_alternative<Reply>(answer) ? "done" : "refused"));
        });
  }

  void add(std::uint64_t number, const std::string& text) {
    const std::string_view line = std::string_view(text).substr(0, text.size() - 1);
    JournalLine translated = translator.translate(number, line);
    window->add({.file = 0, .number = number, .kind = translated.kind, .raw = std::string(line)},
                std::move(translated.submission));
  }

  TemporaryLedger world;
  JournalTranslator translator{world.ledger().identity_key(), std::make_shared<JournalImport>(Catalog()), "import"};
  std::vector<std::string> settled;
  std::uint64_t throw_at = 0;
  std::unique_ptr<ImportWindow> window;
};

TEST_F(LinesUnderWay, AreSettledInOrderWithThoseThatWereNeverSubmitted) {
  for (const std::size_t lines_max : {2U, 3U, 16U, 1000U}) {
    open(lines_max);
    settled.clear();
    std::vector<std::string> expected;
    for (std::uint64_t number = 1; number <= 300; ++number) {
      const bool bad = number % 3 == 0 || number > 290;
      add(number, bad ? "rubbish\n" : journal::requested(fmt::format("{}-{}", lines_max, number)));
      expected.push_back(fmt::format("{} {}", number, bad ? "refused" : "done"));
    }
    window->drain();
    EXPECT_EQ(expected, settled) << lines_max;
  }
}

TEST_F(LinesUnderWay, AreWaitedForButNotSettledAtTheEnd) {
  open(1000);
  for (std::uint64_t number = 1; number <= 100; ++number) add(number, journal::requested(fmt::format("r{}", number)));
  window.reset();
  EXPECT_TRUE(settled.empty());
  EXPECT_EQ(world.ledger().log().last().value, 100U);
}

TEST_F(LinesUnderWay, MayStopAtOne) {
  open(8);
  throw_at = 5;
  EXPECT_THROW(
      {
        for (std::uint64_t number = 1; number <= 100; ++number)
          add(number, journal::requested(fmt::format("r{}", number)));
      },
      std::runtime_error);
  window.reset();
  EXPECT_EQ(settled.size(), 4U);
}

TEST_F(LinesUnderWay, AreHeldToABoundOfBytes) {
  open(1'000'000);
  const std::string large(4 * 1024 * 1024, 'x');
  for (std::uint64_t number = 1; number <= 40; ++number) add(number, large + "\n");
  EXPECT_GT(settled.size(), 20U) << "the window holds no more bytes than its bound";
  window->drain();
  EXPECT_EQ(settled.size(), 40U);
}

}  // namespace
}  // namespace runledger
