// Every number and hash is written back and compared, so that no other spelling of it passes.
#include "ledger/evidence/lines.h"

#include <cstring>
#include <limits>
#include <memory>
#include <string>

#include "ledger/values/base64.h"
#include "ledger/values/number.h"

namespace runledger {

std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::optional<std::string_view> member_in(std::string_view line, std::string_view word) {
  if (!line.starts_with(word) || line.size() <= word.size() + 1 || line[word.size()] != ' ') return std::nullopt;
  return line.substr(word.size() + 1);
}

std::optional<std::string_view> take_member(std::string_view& text, std::string_view word) {
  const std::optional<std::string_view> line = take_line(text);
  return line ? member_in(*line, word) : std::nullopt;
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  const Result<std::uint64_t> number = parse_number(text, "number", {.max = kMax});
  if (!number || std::to_string(*number) != text) return std::nullopt;
  return *number;
}

std::optional<Digest<32>> parse_hash(std::string_view text) {
  const std::optional<std::string> bytes = parse_base64(text);
  Digest<32> hash;
  if (!bytes || bytes->size() != sizeof(hash.bytes)) return std::nullopt;
  std::memcpy(hash.bytes.data(), bytes->data(), sizeof(hash.bytes));
  return hash;
}

NextLine lines_of_text(std::string_view text) {
  return [left = std::make_shared<std::string_view>(text)] { return take_line(*left); };
}

}  // namespace runledger
