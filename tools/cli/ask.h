// Asks a ledger one question, and prints the answer.
#pragma once

#include <functional>

#include "ledger/values/json_value.h"
#include "projections/answers/question.h"
#include "tools/cli/subcommand.h"

namespace runledger {

// Prints the answer to standard output: as it is in JSON, or else by `print`. In text, standard error then says how far
// the answer has looked, if that is not to the end, and the cursor to go on with, if it has one. Throws as
// LedgerConnection does, and Refused with the code of an answer that is a rejection.
ExitStatus ask(const Context& context, const Question& question,
               const std::function<void(const JsonValue& answer, Output& out)>& print);

}  // namespace runledger
