// Tables for people, with aligned columns, and with colours on a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/rules/event.h"
#include "tools/cli/output/output.h"

namespace runledger {

enum class Colour { kNone, kBold, kDim, kRed, kGreen, kYellow };

// Returns `text` in `colour` when `out` is a terminal, else unchanged.
[[nodiscard]] std::string coloured(const Output& out, Colour colour, std::string_view text);

// Green for success, red for failure, yellow for running and for partial success.
[[nodiscard]] Colour colour_of(RunStatus status, RunOutcome outcome);

struct Cell {
  std::string text;
  Colour colour = Colour::kNone;
};

// Each column is as wide as its widest cell, with two blanks between columns. A column with only numbers is aligned to
// the right. Holds all rows in memory until they are printed.
class Table {
 public:
  explicit Table(std::vector<std::string> header) : header_(std::move(header)) {}

  // Requires as many cells as the header has; asserted.
  void row(std::vector<Cell> cells);
  void print(Output& out) const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace runledger
