// Cuts texts first, then leaves out columns.
#include "tools/cli/output/terminal_layout.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "ledger/base/utf8.h"
#include "ledger/values/uuid.h"
#include "tools/cli/output/brief_time.h"
#include "tools/cli/output/text_width.h"

namespace runledger {
namespace {

// A shorter text says too little to be worth its place.
constexpr std::size_t kTextWidthMin = 6;

bool is_uuid(std::string_view text) {
  return static_cast<bool>(parse_uuid(text, "id"));
}

// How many characters two texts of the same length have in common at their beginnings.
std::size_t common_length(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

std::size_t length_that_tells_apart(const std::set<std::string>& ids) {
  std::size_t length = kShortIdMin;
  for (auto id = ids.begin(); id != ids.end() && std::next(id) != ids.end(); ++id) {
    // Sorted, so no other id has more in common with this one. All dashes are in the same places, so the character
    // that differs is a digit.
    length = std::max(length, common_length(*id, *std::next(id)) + 1);
  }
  return length;
}

std::size_t line_width(const std::vector<std::size_t>& widths, bool is_any_left_out) {
  std::size_t total = is_any_left_out ? kColumnGap + 1 : 0;
  bool is_first = true;
  for (const std::size_t width : widths) {
    if (width == 0) continue;
    total += width + (is_first ? 0 : kColumnGap);
    is_first = false;
  }
  return total;
}

// Cuts the widest texts, one character after the other. Returns whether the line then fits.
bool cut_texts(const std::vector<ColumnNeed>& needs, std::vector<std::size_t>& widths, bool is_any_left_out,
               std::size_t width) {
  for (std::size_t line = line_width(widths, is_any_left_out); line > width; --line) {
    std::size_t* widest = nullptr;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (needs[i].fit != Fit::kText || widths[i] <= kTextWidthMin) continue;
      if (widest == nullptr || widths[i] >= *widest) widest = &widths[i];
    }
    if (widest == nullptr) return false;
    --*widest;
  }
  return true;
}

// Returns the index of the column to leave out next; 0 when only the leftmost is left.
std::size_t least_worth(const std::vector<ColumnNeed>& needs, const std::vector<bool>& kept) {
  std::size_t least = 0;
  for (std::size_t i = 1; i < needs.size(); ++i) {
    if (kept[i] && (least == 0 || needs[i].worth <= needs[least].worth)) least = i;
  }
  return least;
}

}  // namespace

void short_ids(const std::vector<std::string*>& texts) {
  std::set<std::string> ids;
  for (const std::string* text : texts) {
    if (is_uuid(*text)) ids.insert(*text);
  }
  const std::size_t length = length_that_tells_apart(ids);
  for (std::string* text : texts) {
    if (ids.contains(*text)) text->resize(std::min(length, text->size()));
  }
}

void shorten_time(std::string& text, Time now) {
  if (const Result<Time> time = parse_time(text)) text = brief_time(*time, now);
}

// Marks that combine with a character stay with it, as they take no column.
std::string cut_to(std::string_view text, std::size_t width) {
  std::size_t columns = 0;
  std::size_t end_of_kept = 0;  // Where the text ends when "…" takes the last column.
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint next = decode_utf8(text.substr(at));
    columns += character_width(next.value);
    at += next.size;
    if (columns < width) end_of_kept = at;
    if (columns > width) return std::string(text.substr(0, end_of_kept)).append(kEllipsis);
  }
  return std::string(text);
}

std::vector<std::size_t> fit_columns(const std::vector<ColumnNeed>& needs, std::size_t width) {
  std::vector<bool> kept(needs.size(), true);
  for (bool is_any_left_out = false;; is_any_left_out = true) {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < needs.size(); ++i) widths.push_back(kept[i] ? needs[i].width : 0);
    if (cut_texts(needs, widths, is_any_left_out, width)) return widths;
    const std::size_t next = least_worth(needs, kept);
    if (next == 0) return widths;  // The terminal breaks the line, as it is narrower than one column.
    kept[next] = false;
  }
}

}  // namespace runledger
