// Tables for people, with aligned columns, and with colours on a terminal.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/rules/event.h"
#include "tools/cli/output/output.h"
#include "tools/cli/output/terminal_layout.h"

namespace runledger {

enum class Colour { kNone, kBold, kDim, kRed, kGreen, kYellow };

// Returns `text` in `colour` when `out` is a terminal where colours are welcome, else unchanged.
[[nodiscard]] std::string coloured(const Output& out, Colour colour, std::string_view text);

// Green for success, red for failure, yellow for running and for partial success.
[[nodiscard]] Colour colour_of(RunStatus status, RunOutcome outcome);

struct Cell {
  std::string text;
  Colour colour = Colour::kNone;
};

// The title of a column, and what a terminal shows of it.
struct Heading {
  // A title alone is the usual heading, so it converts by itself.
  Heading(const char* text) : title(text) {}             // NOLINT(google-explicit-constructor)
  Heading(std::string text) : title(std::move(text)) {}  // NOLINT(google-explicit-constructor)
  Heading(std::string text, Fit how, int is_worth = 0) : title(std::move(text)), fit(how), worth(is_worth) {}

  std::string title;
  Fit fit = Fit::kText;
  int worth = 0;  // As in ColumnNeed.
};

// Each column is as wide as its widest cell, with two blanks between columns. A column with only numbers is aligned to
// the right. On a terminal, ids and times are short, and the lines fit its width (terminal_layout.h). Holds all rows in
// memory until they are printed.
class Table {
 public:
  explicit Table(std::vector<Heading> header) : header_(std::move(header)) {}

  // Requires as many cells as the header has; asserted.
  void row(std::vector<Cell> cells);
  // Prints the rows, the first time after the header, and forgets them. Rows of a later call are aligned with the
  // earlier ones as far as they are no wider.
  void print(Output& out);

 private:
  struct Column {
    std::size_t width = 0;
    bool is_of_numbers = true;
  };

  void shorten(Time now);
  void measure();
  void fit(std::size_t width);
  void print_line(const std::vector<Cell>& cells, std::string_view end, Output& out) const;

  std::vector<Heading> header_;
  std::vector<std::vector<Cell>> rows_;
  std::vector<Column> columns_;  // Empty until the first print().
  bool is_fitted_ = false;       // To a terminal: a column of no width is left out, and no width changes any more.
};

}  // namespace runledger
