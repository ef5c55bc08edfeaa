// Quotes or escapes each field, and joins them.
#include "tools/cli/output/separated_rows.h"

#include <string>
#include <utility>

#include "ledger/values/json.h"

namespace runledger {
namespace {

std::string field_of(const JsonValue* value) {
  if (value == nullptr || value->is_null()) return "";
  if (const auto* text = value->get_if<std::string>()) return *text;
  return canonical_json(*value);
}

std::string quoted(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string text = "\"";
  for (const char c : field) text += c == '"' ? "\"\"" : std::string(1, c);
  return text + "\"";
}

std::string escaped(const std::string& field) {
  std::string text;
  for (const char c : field) {
    switch (c) {
      case '\t':
        text += "\\t";
        break;
      case '\n':
        text += "\\n";
        break;
      case '\r':
        text += "\\r";
        break;
      case '\\':
        text += "\\\\";
        break;
      default:
        text += c;
    }
  }
  return text;
}

}  // namespace

SeparatedRows::SeparatedRows(Separation separation, std::vector<std::string_view> members, Output& out)
    : separation_(separation), members_(std::move(members)), out_(out) {
  print({members_.begin(), members_.end()});
}

void SeparatedRows::row(const JsonValue& object) {
  std::vector<std::string> fields;
  for (const std::string_view member : members_) fields.push_back(field_of(object.find(member)));
  print(fields);
}

void SeparatedRows::print(const std::vector<std::string>& fields) {
  const bool is_csv = separation_ == Separation::kCommas;
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) line += is_csv ? ',' : '\t';
    line += is_csv ? quoted(fields[i]) : escaped(fields[i]);
  }
  out_.line(line);
}

}  // namespace runledger
