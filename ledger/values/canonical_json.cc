// The canonical form of RFC 8785.
//
// canonical_json() walks the value once and appends to one string; there is one append() for each kind of value. Its
// depth is bounded, because parse_json() bounds the depth of the values that it returns. Strings and numbers are the
// business of json_text.cc, so only the order of members is left for this file.
//
// RFC 8785 orders members by the UTF-16 code units of their names, while JsonValue::Object keeps them in the order of
// their UTF-8 bytes. The two orders differ only where one name has a character from U+10000 on and the other has one
// from U+E000 to U+FFFF at the same place. may_reorder() therefore looks for a byte that only these characters begin
// with, and only objects that have one are sorted. utf16_rank() maps the bytes so that comparing ranks is comparing
// UTF-16, without decoding the names.
//
// The result must never change: identities are digests of it, and it is what the log stores as the input of a run.
// parse_json() reads it back as an equal value, whose canonical form is the same text.
#include <algorithm>
#include <utility>
#include <vector>

#include "ledger/values/json.h"
#include "ledger/values/json_text.h"

namespace runledger {

namespace {

void append_value(std::string& out, const JsonValue& value);

// UTF-16 has the same order as UTF-8, except that U+10000 and above (surrogates D800 to DFFF; lead bytes F0 to F4) come
// before U+E000 to U+FFFF (lead bytes EE and EF).
unsigned utf16_rank(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0xEE || byte == 0xEF ? byte + 0x10U : byte;
}

bool before_in_utf16(std::string_view a, std::string_view b) {
  const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (in_a == a.end() || in_b == b.end()) return in_a == a.end() && in_b != b.end();
  return utf16_rank(*in_a) < utf16_rank(*in_b);
}

// True when byte order, in which an object keeps its members, may differ from UTF-16 order.
bool may_reorder(const JsonValue::Object& members) {
  return std::any_of(members.begin(), members.end(), [](const auto& member) {
    return std::any_of(member.first.begin(), member.first.end(), [](char c) { return utf16_rank(c) >= 0xF0; });
  });
}

void append(std::string& out, std::monostate) {
  out += "null";
}

void append(std::string& out, bool value) {
  out += value ? "true" : "false";
}

void append(std::string& out, std::int64_t value) {
  out += std::to_string(value);
}

void append(std::string& out, double value) {
  out += canonical_number(value);
}

void append(std::string& out, const std::string& text) {
  append_json_string(out, text);
}

void append(std::string& out, const JsonValue::Array& elements) {
  out += '[';
  bool first = true;
  for (const JsonValue& element : elements) {
    if (!std::exchange(first, false)) out += ',';
    append_value(out, element);
  }
  out += ']';
}

void append(std::string& out, const JsonValue::Object& members) {
  std::vector<const JsonValue::Object::value_type*> sorted;
  sorted.reserve(members.size());
  for (const auto& member : members) sorted.push_back(&member);
  if (may_reorder(members)) {
    std::sort(sorted.begin(), sorted.end(),
              [](const auto* a, const auto* b) { return before_in_utf16(a->first, b->first); });
  }
  out += '{';
  bool first = true;
  for (const auto* member : sorted) {
    if (!std::exchange(first, false)) out += ',';
    append_json_string(out, member->first);
    out += ':';
    append_value(out, member->second);
  }
  out += '}';
}

void append_value(std::string& out, const JsonValue& value) {
  std::visit([&out](const auto& held) { append(out, held); }, value.held);
}

}  // namespace

std::string canonical_json(const JsonValue& value) {
  std::string out;
  append_value(out, value);
  return out;
}

}  // namespace runledger
