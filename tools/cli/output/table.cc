// Lays out the tables.
#include "tools/cli/output/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "ledger/base/ascii.h"
#include "ledger/base/assert.h"
#include "ledger/base/utf8.h"
#include "tools/cli/output/text_width.h"

namespace runledger {
namespace {

std::string aligned(const Cell& cell, const std::string& shown, std::size_t column_width, bool to_the_right,
                    bool is_last) {
  const std::string padding(column_width - std::min(column_width, text_width(cell.text)), ' ');
  if (to_the_right) return padding + shown;
  return is_last ? shown : shown + padding;
}

}  // namespace

std::string coloured(const Output& out, Colour colour, std::string_view text) {
  static constexpr const char* kCodes[] = {"", "1", "2", "31", "32", "33"};
  if (!out.colours() || colour == Colour::kNone) return std::string(text);
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

void Table::print(Output& out) {
  const bool is_first = columns_.empty();
  const std::optional<std::size_t> terminal = out.columns();
  if (terminal) shorten(SystemClock().now());
  measure();
  if (terminal && is_first) fit(*terminal);
  if (is_first) {
    std::vector<Cell> titles;
    for (const Heading& heading : header_) titles.push_back({heading.title, Colour::kBold});
    const bool is_any_left_out =
        std::any_of(columns_.begin(), columns_.end(), [](const Column& column) { return column.width == 0; });
    print_line(titles, is_any_left_out ? kEllipsis : std::string_view(), out);
  }
  for (const auto& cells : rows_) print_line(cells, "", out);
  rows_.clear();
}

void Table::shorten(Time now) {
  std::vector<std::string*> ids;
  for (auto& cells : rows_) {
    for (std::size_t i = 0; i < header_.size(); ++i) {
      if (header_[i].fit == Fit::kTime) shorten_time(cells[i].text, now);
      if (header_[i].fit == Fit::kId) ids.push_back(&cells[i].text);
    }
  }
  short_ids(ids);
}

void Table::measure() {
  const bool is_first = columns_.empty();
  columns_.resize(header_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (is_first) columns_[i].width = text_width(header_[i].title);
    for (const auto& cells : rows_) {
      if (!is_fitted_) columns_[i].width = std::max(columns_[i].width, text_width(cells[i].text));
      if (is_first) columns_[i].is_of_numbers = columns_[i].is_of_numbers && only_digits(cells[i].text);
    }
  }
}

void Table::fit(std::size_t width) {
  std::vector<ColumnNeed> needs;
  for (std::size_t i = 0; i < columns_.size(); ++i)
    needs.push_back({std::max<std::size_t>(1, columns_[i].width),
                     columns_[i].is_of_numbers ? Fit::kWhole : header_[i].fit, header_[i].worth});
  const std::vector<std::size_t> widths = fit_columns(needs, width);
  for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i].width = widths[i];
  is_fitted_ = true;
}

void Table::print_line(const std::vector<Cell>& cells, std::string_view end, Output& out) const {
  const std::string gap(kColumnGap, ' ');
  std::string line;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = columns_[i];
    if (column.width == 0 && is_fitted_) continue;
    const bool is_cut = is_fitted_ && header_[i].fit == Fit::kText && !column.is_of_numbers;
    const Cell shown{is_cut ? cut_to(cells[i].text, column.width) : cells[i].text, cells[i].colour};
    if (i > 0) line += gap;
    line += aligned(shown, coloured(out, shown.colour, shown.text), column.width, column.is_of_numbers,
                    i + 1 == columns_.size());
  }
  if (!end.empty()) line += gap + std::string(end);
  line.erase(line.find_last_not_of(' ') + 1);  // An empty last cell leaves trailing blanks.
  out.line(line);
}

}  // namespace runledger
