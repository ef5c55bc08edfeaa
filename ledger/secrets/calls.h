// Finds secrets by their place in parentheses: as an argument of a function, or as a value of an INSERT.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "ledger/secrets/folded_text.h"
#include "ledger/secrets/name_rules.h"

namespace runledger {

// Examines the opening parentheses of a folded text, which it must be given in ascending order. It looks into the text,
// which must outlive it. Not thread-safe.
class Calls {
 public:
  explicit Calls(std::string_view text) : text_(text) {}

  // Returns the secrets between the "(" at the position and its ")": the arguments that the table of functions names
  // (call_rules.h), and those of VALUES (…) that a list of columns before it names. Ascending; reads a bounded part of
  // the text.
  [[nodiscard]] std::vector<TextSpan> secrets_in(std::size_t position);

 private:
  // A column of an INSERT whose values are secrets.
  struct Column {
    std::size_t index = 0;
    Demand demand = Demand::kNever;
  };

  void read_columns(std::size_t values);
  [[nodiscard]] std::vector<TextSpan> secrets_in_row(std::size_t position) const;
  [[nodiscard]] std::optional<TextSpan> secret_argument(std::size_t position) const;

  std::string_view text_;
  std::vector<Column> columns_;  // Of the last INSERT.
};

}  // namespace runledger
