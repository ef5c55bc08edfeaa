// Chooses the quotes that leave the text readable.
#include "tools/cli/output/pasteable.h"

#include <algorithm>

#include "ledger/base/ascii.h"

namespace runledger {
namespace {

bool is_plain_in_shell(char c) {
  constexpr std::string_view kOthers = "_-./:=@%+,";
  return is_alnum(c) || kOthers.find(c) != std::string_view::npos;
}

// Between `quotes`, with `instead` for each of them in the text.
std::string between(char quotes, std::string_view text, std::string_view instead) {
  std::string result(1, quotes);
  for (const char c : text) result += c == quotes ? std::string(instead) : std::string(1, c);
  return result + quotes;
}

}  // namespace

std::string shell_word(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain_in_shell)) return std::string(text);
  constexpr std::string_view kSpecialInDoubleQuotes = "\"$`\\!";
  const bool has_single_quotes = text.find('\'') != std::string_view::npos;
  if (has_single_quotes && text.find_first_of(kSpecialInDoubleQuotes) == std::string_view::npos)
    return between('"', text, "");
  return between('\'', text, "'\\''");
}

std::string sql_name(std::string_view name) {
  return between('"', name, "\"\"");
}

}  // namespace runledger
