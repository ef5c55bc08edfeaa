// Deterministic authenticated encryption of one position (the SIV construction of RFC 5297, with keyed SHA-256 over
// inputs of fixed length as its pseudo-random function): a tag over filter and position, and the position under a mask
// made from the tag.
#include "projections/rows/list_cursor.h"

#include "ledger/base/big_endian.h"
#include "ledger/values/sha256.h"

namespace runledger {
namespace {

constexpr std::size_t kTagBytes = 16;

std::string_view bytes_of(const auto& array) {
  return {reinterpret_cast<const char*>(array.data()), array.size()};
}

void append_field(std::string& text, const std::optional<std::string>& field) {
  if (field) text.append(*field);
  text.push_back('\0');  // No name or number holds it, and none is empty.
}

// The same for equal filters, another for any other.
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

// `purpose` keeps tags and masks apart.
std::string keyed(const IdentityKey& key, std::string_view purpose, std::string_view message) {
  const Digest<32> digest = sha256({bytes_of(key.bytes), purpose, message});
  return std::string(bytes_of(digest.bytes).substr(0, kTagBytes));
}

std::string tag_of(const IdentityKey& key, const RunFilter& filter, Sequence position) {
  const Digest<32> digest = sha256({filter_text(filter)});
  std::string message(bytes_of(digest.bytes));
  append_big_endian(message, position.value);
  return keyed(key, "list-cursor-tag-", message);
}

std::uint64_t mask_of(const IdentityKey& key, std::string_view tag) {
  return load_big_endian_64(keyed(key, "list-cursor-mask", tag).data());
}

}  // namespace

std::string seal_cursor(const IdentityKey& key, const RunFilter& filter, Sequence position) {
  std::string sealed = tag_of(key, filter, position);
  append_big_endian(sealed, position.value ^ mask_of(key, sealed));
  return format_hex(sealed);
}

std::optional<Sequence> open_cursor(const IdentityKey& key, const RunFilter& filter, const std::string& cursor) {
  const std::optional<std::string> sealed = parse_hex(cursor);
  if (!sealed || sealed->size() != kTagBytes + sizeof(std::uint64_t)) return std::nullopt;
  const std::string tag = sealed->substr(0, kTagBytes);
  const Sequence position{load_big_endian_64(sealed->data() + kTagBytes) ^ mask_of(key, tag)};
  if (position.value == 0 || tag != tag_of(key, filter, position)) return std::nullopt;
  return position;
}

}  // namespace runledger
