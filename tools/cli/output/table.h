// Text for people: aligned columns, and colour on a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/rules/event.h"
#include "tools/cli/output/output.h"

namespace runledger {

enum class Colour { kNone, kBold, kDim, kRed, kGreen, kYellow };

// `text` in `colour` when `out` is a terminal, else as it is.
[[nodiscard]] std::string coloured(const Output& out, Colour colour, std::string_view text);

// Green for good, red for bad, yellow for under way.
[[nodiscard]] Colour colour_of(RunStatus status, RunOutcome outcome);

struct Cell {
  std::string text;
  Colour colour = Colour::kNone;
};

// Columns as wide as their widest cell, two blanks apart; columns of numbers are aligned to the right.
class Table {
 public:
  explicit Table(std::vector<std::string> header) : header_(std::move(header)) {}

  // Requires as many cells as the header has.
  void row(std::vector<Cell> cells);
  void print(Output& out) const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace runledger
