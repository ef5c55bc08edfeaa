// Compares the text before a position with the prefixes that end in the same character, and measures the body.
#include "ledger/secrets/tokens.h"

#include <algorithm>

#include "ledger/base/ascii.h"
#include "ledger/secrets/name_before.h"
#include "ledger/secrets/placeholders.h"
#include "ledger/secrets/values.h"

namespace runledger {

namespace {

bool is_in_body(TokenBody body, char c) {
  const bool base64 = is_alnum(c) || c == '+' || c == '/' || c == '=';
  switch (body) {
    case TokenBody::kDigits:
      return is_digit(c);
    case TokenBody::kHex:
      return is_hex_digit(c);
    case TokenBody::kUuid:
      return is_hex_digit(c) || c == '-';
    case TokenBody::kUpper:
      return is_upper(c) || is_digit(c);
    case TokenBody::kAlnum:
      return is_alnum(c);
    case TokenBody::kUrl:
      return is_alnum(c) || c == '_' || c == '-';
    case TokenBody::kDotted:
      return is_alnum(c) || c == '_' || c == '-' || c == '.';
    case TokenBody::kBase64:
      return base64;
    case TokenBody::kCrypt:
      return base64 || std::string_view(".$,-:_").find(c) != std::string_view::npos;
    case TokenBody::kVisible:
      return !is_space(c) && !is_quote(c);
  }
  return false;
}

// True when a token may begin at the position, by what stands before it. The letter of an escape that ends a line is no
// part of a word: \nghp_….
bool may_start(TokenStart start, std::string_view text, std::size_t begin) {
  if (begin == 0 || start == TokenStart::kAnywhere) return true;
  const char before = text[begin - 1];
  const bool ends_line =
      begin > 1 && text[begin - 2] == '\\' && std::string_view("nrt").find(before) != std::string_view::npos;
  if (ends_line) return true;
  const bool is_mark = std::string_view("_-./").find(before) != std::string_view::npos;
  return !is_alnum(before) && !(start == TokenStart::kAlone && is_mark);
}

// The end of the secret that belongs to the id of a key and stands beside it: rzp_live_…:SECRET; `end` without one.
std::size_t end_beside(std::string_view text, std::size_t end) {
  constexpr std::size_t kGapMax = 3;
  constexpr std::size_t kSecretMin = 16;
  constexpr std::size_t kSecretMax = 96;
  const std::size_t begin = skip(
      text, end, [](char c) { return c == ' ' || c == ':' || c == '/' || c == '|'; }, kGapMax);
  const std::size_t secret_end = skip(
      text, begin, [](char c) { return is_in_body(TokenBody::kBase64, c) || c == '_' || c == '-'; }, kSecretMax);
  if (begin == end || text.substr(end, begin - end) == " ") return end;
  return is_opaque_value(text.substr(begin, secret_end - begin), kSecretMin) ? secret_end : end;
}

std::optional<TextSpan> token_of(const TokenRule& rule, std::string_view text, std::size_t body) {
  constexpr std::size_t kRunMax = 4096;  // The scanner redacts this much of a longer run and examines the rest.
  const std::size_t begin = body - rule.prefix.size();
  if (!may_start(rule.start, text, begin)) return std::nullopt;
  const std::size_t limit = rule.size_max > 0 ? rule.size_max + 1 : kRunMax;
  std::size_t size = 0;
  while (size < limit && body + size < text.size() && is_in_body(rule.body, text[body + size])) ++size;
  if (size < rule.size_min || (rule.size_max > 0 && size > rule.size_max)) return std::nullopt;
  const std::string_view secret = text.substr(body, size);
  if (is_masked(secret) || (rule.body == TokenBody::kVisible && is_placeholder(secret))) return std::nullopt;
  TextSpan span{begin, end_beside(text, body + size)};
  // A mark in the middle of a token.
  constexpr std::size_t kBeforeMax = 32;
  while (rule.prefix.front() == '.' && span.begin > 0 && begin - span.begin < kBeforeMax &&
         is_alnum(text[span.begin - 1]))
    --span.begin;
  return span;
}

}  // namespace

TokenIndex::TokenIndex() {
  for (const TokenRule& rule : token_rules()) {
    std::uint16_t& group = group_of_[pair_of(rule.prefix[rule.prefix.size() - 2], rule.prefix.back())];
    if (group == 0) {
      group = static_cast<std::uint16_t>(groups_.size());
      groups_.emplace_back();
    }
    groups_[group].push_back(rule);
  }
}

std::optional<TextSpan> TokenIndex::find(std::string_view text, std::size_t position) const {
  const std::string_view before = text.substr(0, position + 1);
  for (const TokenRule& rule : groups_[group_of_[pair_of(before[position - 1], before[position])]]) {
    if (!before.ends_with(rule.prefix)) continue;
    if (const auto span = token_of(rule, text, position + 1)) return span;
  }
  return std::nullopt;
}

const TokenIndex& token_index() {
  static const TokenIndex index;
  return index;
}

}  // namespace runledger
