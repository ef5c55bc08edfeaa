// Prints the answer to a question (projections/answers/question.h) as a table for people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/values/json_value.h"
#include "tools/cli/output/table.h"

namespace runledger {

struct AnswerColumn {
  Heading heading;
  std::string_view member;  // Of each object in the array.
};

// Returns the answer as a value. Requires an answer of this program or of a daemon; throws Failure "daemon.failed" for
// anything else.
[[nodiscard]] JsonValue parse_answer(const std::string& json);

// A value as the text of a cell: "-" for null, and the elements of an array with commas between them.
[[nodiscard]] std::string cell_text(const JsonValue* value);

// A table of the objects in an array of one answer or of several, one object a line.
class AnswerTable {
 public:
  // `rows` names the array.
  AnswerTable(std::string_view rows, std::vector<AnswerColumn> columns);

  void print(const JsonValue& answer, Output& out);

 private:
  std::string_view rows_;
  std::vector<AnswerColumn> columns_;
  Table table_;
};

// Prints the table of a single answer.
void print_answer(const JsonValue& answer, std::string_view rows, std::vector<AnswerColumn> columns, Output& out);

}  // namespace runledger
