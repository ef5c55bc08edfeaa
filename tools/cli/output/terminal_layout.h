// Makes the cells of a table short enough for a terminal, and its columns narrow enough.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/values/time.h"

namespace runledger {

// What a terminal shows of a column.
enum class Fit {
  kText,   // As much as fits, with "…" at the end of what is cut.
  kWhole,  // Everything: a word or a number, which says nothing when it is cut.
  kId,     // The first characters of UUIDs, as many as tell those of the table apart.
  kTime,   // brief_time() of times of RFC 3339. Everything else as it is.
};

// The fewest characters of an id that short_ids() leaves.
inline constexpr std::size_t kShortIdMin = 8;

// Shortens each UUID among the texts to its first characters: kShortIdMin, or as many more as tell all of them apart.
// The same id twice is one id. Texts that are no UUIDs stay as they are.
void short_ids(const std::vector<std::string*>& texts);

// Replaces a text that is a time of RFC 3339 by brief_time() of it.
void shorten_time(std::string& text, Time now);

// Returns the text cut to `width` columns (text_width.h), the last of which is then "…"; to one column less where a
// character of two does not fit. Requires a `width` of 1 or more.
[[nodiscard]] std::string cut_to(std::string_view text, std::size_t width);

// A column as it is before it has to fit.
struct ColumnNeed {
  std::size_t width = 0;  // Of its widest text or title, in columns of the terminal.
  Fit fit = Fit::kText;
  int worth = 0;  // Columns of less worth are left out first; among equal ones the rightmost.
};

// The characters between two columns.
inline constexpr std::size_t kColumnGap = 2;

// Returns the width of each column in a line of `width` columns of the terminal, and 0 for a column that is left out.
// Texts are cut before columns are left out, and no text to less than a few characters. The leftmost column always
// stays. When a column is left out, room stays at the end of the line for a gap and one character, which can say so.
[[nodiscard]] std::vector<std::size_t> fit_columns(const std::vector<ColumnNeed>& needs, std::size_t width);

}  // namespace runledger
