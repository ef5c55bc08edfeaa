// Asks a ledger one question, and prints the answer.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "ledger/values/json_value.h"
#include "projections/answers/question.h"
#include "projections/reader/ledger_reader.h"
#include "tools/cli/output/answer_table.h"
#include "tools/cli/subcommand.h"

namespace runledger {

using PrintAnswer = std::function<void(const JsonValue& answer, Output& out)>;

// Prints the answer to standard output: as it is in JSON, or else by `print`. In text, standard error then says how far
// the answer has looked, if that is not to the end, and the cursor to go on with, if it has one. Throws as
// LedgerConnection does, and Refused with the code of an answer that is a rejection.
ExitStatus ask(const Context& context, const Question& question, const PrintAnswer& print);
// The same over a connection that there is already.
ExitStatus ask(const Context& context, LedgerReader& reader, const Question& question, const PrintAnswer& print);

// How the answer to a question that lists is printed.
struct Listing {
  std::string_view rows;                  // The array in the answer.
  std::vector<AnswerColumn> columns;      // Of the table for people.
  std::vector<std::string_view> members;  // Of each object in the array: the columns of CSV and TSV.
  bool every_page = false;                // Also those after the first, until an answer has no cursor.
  PrintAnswer after_table = {};           // Prints what people see after the table, if there is something.
  std::function<void(const JsonValue& answer)> each_answer = {};  // Sees every answer, whatever the format.
};

// The same for a question that lists, which has CSV and TSV too. In JSON each page is one line.
ExitStatus ask(const Context& context, const Question& question, const Listing& listing);

}  // namespace runledger
