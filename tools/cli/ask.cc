// The reader answers in JSON, which a text is made of.
#include "tools/cli/ask.h"

#include <fmt/format.h>

#include "tools/cli/ledger_connection.h"
#include "tools/cli/output/answer_table.h"

namespace runledger {
namespace {

void write_reach(const JsonValue& answer) {
  if (const auto* cursor = answer.find<std::string>("next_cursor"))
    write_stderr(fmt::format("next cursor: {}\n", *cursor));
  const auto* reached = answer.find<std::string>("reached");
  if (reached == nullptr) return;
  const auto* scanned = answer.find<std::int64_t>("scanned");
  write_stderr(scanned != nullptr ? fmt::format("looked at {} entries, back to {}\n", *scanned, *reached)
                                  : fmt::format("looked back to {}\n", *reached));
}

}  // namespace

ExitStatus ask(const Context& context, const Question& question,
               const std::function<void(const JsonValue& answer, Output& out)>& print) {
  LedgerConnection ledger(context);
  const std::string json = require_answer(ledger.reader().answer(question));
  if (context.json()) {
    context.out.line(json);
    return ExitStatus::kDone;
  }
  const JsonValue answer = parse_answer(json);
  print(answer, context.out);
  context.out.flush();
  write_reach(answer);
  return ExitStatus::kDone;
}

}  // namespace runledger
