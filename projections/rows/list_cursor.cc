// A cursor is a position sealed with AES-SIV, with the filter as associated text, in hexadecimal digits.
#include "projections/rows/list_cursor.h"

#include "ledger/base/big_endian.h"
#include "ledger/values/sha256.h"
#include "ledger/values/siv.h"

namespace runledger {
namespace {

void append_field(std::string& text, const std::optional<std::string>& field) {
  if (field) text.append(*field);
  text.push_back('\0');  // No name or number contains it, and none is empty.
}

// Equal filters give equal texts, and different filters give different ones.
std::string filter_text(const RunFilter& filter) {
  std::string text;
  append_field(text, filter.workspace ? std::optional(filter.workspace->str()) : std::nullopt);
  append_field(text, filter.tenant ? std::optional(filter.tenant->str()) : std::nullopt);
  append_field(text, filter.type ? std::optional(filter.type->str()) : std::nullopt);
  append_field(text, filter.status ? std::optional(std::string(to_string(*filter.status))) : std::nullopt);
  append_field(text, filter.outcome ? std::optional(std::string(to_string(*filter.outcome))) : std::nullopt);
  append_field(text, filter.since ? std::optional(std::to_string(filter.since->unix_us)) : std::nullopt);
  append_field(text, filter.until ? std::optional(std::to_string(filter.until->unix_us)) : std::nullopt);
  return text;
}

SivKey cursor_key(const IdentityKey& key) {
  return SivKey{hkdf_sha256(view_of(key.bytes), "runledger list cursor")};
}

}  // namespace

std::string seal_cursor(const IdentityKey& key, const RunFilter& filter, Sequence position) {
  std::string text;
  append_big_endian(text, position.value);
  return format_hex(cursor_key(key).seal(text, filter_text(filter)));
}

std::optional<Sequence> open_cursor(const IdentityKey& key, const RunFilter& filter, const std::string& cursor) {
  const std::optional<std::string> sealed = parse_hex(cursor);
  if (!sealed || sealed->size() != SivKey::kTagBytes + sizeof(std::uint64_t)) return std::nullopt;
  const std::optional<std::string> text = cursor_key(key).open(*sealed, filter_text(filter));
  if (!text) return std::nullopt;
  const Sequence position{load_big_endian_64(text->data())};
  return position.value == 0 ? std::nullopt : std::optional(position);
}

}  // namespace runledger
