// Checks the form first, character by character, and only then decodes the digits.
#include "ledger/values/traceparent.h"

#include <algorithm>

#include "ledger/base/ascii.h"
#include "ledger/values/digest.h"

namespace runledger {
namespace {

constexpr std::size_t kLength = 55;
constexpr std::size_t kTraceAt = 3, kTraceDigits = 32;
constexpr std::size_t kParentAt = 36, kParentDigits = 16;
constexpr std::size_t kFlagsAt = 53, kFlagsDigits = 2;

bool all_lower_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_hex_digit(c) && !is_upper(c); });
}

bool all_zeros(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

bool has_known_version(std::string_view text) {
  const std::string_view version = text.substr(0, 2);
  if (!all_lower_hex(version) || version == "ff") return false;
  if (version == "00") return text.size() == kLength;
  return text.size() == kLength || text[kLength] == '-';
}

}  // namespace

std::optional<Traceparent> parse_traceparent(std::string_view text) {
  if (text.size() < kLength || !has_known_version(text)) return std::nullopt;
  if (text[kTraceAt - 1] != '-' || text[kParentAt - 1] != '-' || text[kFlagsAt - 1] != '-') return std::nullopt;
  const std::string_view trace = text.substr(kTraceAt, kTraceDigits);
  const std::string_view parent = text.substr(kParentAt, kParentDigits);
  const std::string_view flags = text.substr(kFlagsAt, kFlagsDigits);
  if (!all_lower_hex(trace) || !all_lower_hex(parent) || !all_lower_hex(flags)) return std::nullopt;
  if (all_zeros(trace) || all_zeros(parent)) return std::nullopt;
  const std::string bytes = *parse_hex(std::string(trace).append(parent).append(flags));
  Traceparent value;
  std::copy(bytes.begin(), bytes.end(), value.bytes.begin());
  return value;
}

std::string format_traceparent(const Traceparent& value) {
  const std::string digits = format_hex(view_of(value.bytes));
  std::string text = "00-";
  text.append(digits, 0, kTraceDigits).append("-");
  text.append(digits, kTraceDigits, kParentDigits).append("-");
  return text.append(digits, kTraceDigits + kParentDigits, kFlagsDigits);
}

}  // namespace runledger
