// A cursor is a sealed position (ledger/values/position_seal.h), bound to the filter.
#include "projections/rows/list_cursor.h"

#include "ledger/values/position_seal.h"

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

PositionSeal cursor_seal(const IdentityKey& key) {
  return {view_of(key.bytes), "runledger list cursor"};
}

}  // namespace

std::string seal_cursor(const IdentityKey& key, const RunFilter& filter, Sequence position) {
  return cursor_seal(key).seal(position, filter_text(filter));
}

std::optional<Sequence> open_cursor(const IdentityKey& key, const RunFilter& filter, const std::string& cursor) {
  return cursor_seal(key).open(cursor, filter_text(filter));
}

}  // namespace runledger
