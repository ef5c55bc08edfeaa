// Looks up the members of each object, and leaves the layout to Table.
#include "tools/cli/output/answer_table.h"

#include <fmt/format.h>

#include <utility>

#include "ledger/base/failure.h"
#include "ledger/values/json.h"

namespace runledger {
namespace {

std::vector<Heading> headings_of(const std::vector<AnswerColumn>& columns) {
  std::vector<Heading> headings;
  for (const AnswerColumn& column : columns) headings.push_back(column.heading);
  return headings;
}

}  // namespace

JsonValue parse_answer(const std::string& json) {
  constexpr JsonLimits kLimits{.bytes_max = 64 * 1024 * 1024, .keys_max = 10'000'000, .numbers = JsonNumbers::kRounded};
  Result<JsonValue> answer = parse_json(json, kLimits);
  if (!answer)
    throw Failure(Remedy::kCallOperator, "daemon.failed",
                  fmt::format("expected an answer as JSON, found {}", answer.rejection().code));
  return *std::move(answer);
}

std::string cell_text(const JsonValue* value) {
  if (value == nullptr || value->is_null()) return "-";
  if (const auto* text = value->get_if<std::string>()) return *text;
  if (const auto* number = value->get_if<std::int64_t>()) return std::to_string(*number);
  if (const auto* number = value->get_if<double>()) return fmt::format("{:.3f}", *number);
  if (const auto* truth = value->get_if<bool>()) return *truth ? "yes" : "no";
  std::string joined;
  if (const auto* elements = value->get_if<JsonValue::Array>()) {
    for (const JsonValue& each : *elements) joined += (joined.empty() ? "" : ", ") + cell_text(&each);
  }
  if (const auto* members = value->get_if<JsonValue::Object>()) {
    for (const auto& [name, each] : *members)
      joined += fmt::format("{}{}={}", joined.empty() ? "" : ", ", name, cell_text(&each));
  }
  return joined.empty() ? "-" : joined;
}

AnswerTable::AnswerTable(std::string_view rows, std::vector<AnswerColumn> columns)
    : rows_(rows), columns_(std::move(columns)), table_(headings_of(columns_)) {}

void AnswerTable::print(const JsonValue& answer, Output& out) {
  if (const auto* objects = answer.find<JsonValue::Array>(rows_)) {
    for (const JsonValue& object : *objects) {
      std::vector<Cell> cells;
      for (const AnswerColumn& column : columns_) cells.push_back({cell_text(object.find(column.member))});
      table_.row(std::move(cells));
    }
  }
  table_.print(out);
}

void print_answer(const JsonValue& answer, std::string_view rows, std::vector<AnswerColumn> columns, Output& out) {
  AnswerTable(rows, std::move(columns)).print(answer, out);
}

}  // namespace runledger
