// Lays out the tables.
#include "tools/cli/output/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ledger/base/ascii.h"
#include "ledger/base/assert.h"
#include "ledger/base/utf8.h"

namespace runledger {
namespace {

// Counts code points. The printed text has no control characters and hardly any combining ones, so this is exact
// enough.
std::size_t width(std::string_view text) {
  return count_characters(text);
}

struct Column {
  std::size_t width = 0;
  bool numbers = true;
};

std::string aligned(std::string_view text, const std::string& shown, const Column& column, bool last) {
  const std::string padding(column.width - width(text), ' ');
  if (column.numbers) return padding + shown;
  return last ? shown : shown + padding;
}

}  // namespace

std::string coloured(const Output& out, Colour colour, std::string_view text) {
  static constexpr const char* kCodes[] = {"", "1", "2", "31", "32", "33"};
  if (!out.terminal() || colour == Colour::kNone) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<int>(colour)], text);
}

Colour colour_of(RunStatus status, RunOutcome outcome) {
  if (status == RunStatus::kRunning) return Colour::kYellow;
  switch (outcome) {
    case RunOutcome::kSucceeded:
      return Colour::kGreen;
    case RunOutcome::kFailed:
      return Colour::kRed;
    case RunOutcome::kPartiallySucceeded:
    case RunOutcome::kBlocked:
      return Colour::kYellow;
    case RunOutcome::kPending:
    case RunOutcome::kCancelled:
      return Colour::kDim;
  }
  return Colour::kNone;
}

void Table::row(std::vector<Cell> cells) {
  RUNLEDGER_ASSERT(cells.size() == header_.size());
  rows_.push_back(std::move(cells));
}

void Table::print(Output& out) const {
  std::vector<Column> columns(header_.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    columns[i].width = width(header_[i]);
    for (const auto& cells : rows_) {
      columns[i].width = std::max(columns[i].width, width(cells[i].text));
      columns[i].numbers = columns[i].numbers && only_digits(cells[i].text);
    }
  }
  const auto print_line = [&](const auto& cell) {
    std::string line;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const Cell& shown = cell(i);
      if (i > 0) line += "  ";
      line += aligned(shown.text, coloured(out, shown.colour, shown.text), columns[i], i + 1 == columns.size());
    }
    line.erase(line.find_last_not_of(' ') + 1);  // An empty last cell leaves trailing blanks.
    out.line(line);
  };
  std::vector<Cell> titles;
  for (const std::string& title : header_) titles.push_back({title, Colour::kBold});
  print_line([&](std::size_t i) -> const Cell& { return titles[i]; });
  for (const auto& cells : rows_) print_line([&](std::size_t i) -> const Cell& { return cells[i]; });
}

}  // namespace runledger
