// Questions about runs beyond lists, and their answers as JSON, the same over HTTP, over RPC and in the process.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "projections/answers/asker.h"
#include "projections/answers/parameters.h"

namespace runledger {

struct Question {
  std::string about;  // The name of one of question_kinds().
  Parameters parameters;
};

struct QuestionKind {
  std::string_view about;
  std::vector<std::string_view> parameters;  // The names that it knows.
  std::vector<std::string_view> repeatable;  // Those of them that may occur several times.
  // Throws Refused, and Failure as RowStore and EventLog do.
  std::string (*answer)(const Answerer& from, const Parameters& parameters);
};
[[nodiscard]] const std::vector<QuestionKind>& question_kinds();
// Requires that there is one of this name.
[[nodiscard]] const QuestionKind& question_kind(std::string_view about);

// Answers with one JSON object. The rows must hold what the answer is to include. Codes: those of the parameters,
// "query.invalid" for unknown or wrongly repeated ones, "question.unknown", "scope.not_found", "run.not_found",
// "cursor.invalid". Throws Failure as RowStore and EventLog do.
[[nodiscard]] Result<std::string> answer(const Answerer& from, const Question& question);

}  // namespace runledger
