// The table of questions, and the checks that all of them share.
#include "projections/answers/question.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/base/assert.h"
#include "projections/answers/answers.h"

namespace runledger {
namespace {

const QuestionKind* find_kind(std::string_view about) {
  const std::vector<QuestionKind>& all = question_kinds();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& kind) { return kind.about == about; });
  return found == all.end() ? nullptr : &*found;
}

bool has(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void require_known(const QuestionKind& kind, const Parameters& parameters) {
  for (const auto& [name, value] : parameters.pairs()) {
    if (!has(kind.parameters, name))
      refuse("query.invalid", fmt::format("expected only known names in the query, found \"{}\"", name));
    if (!has(kind.repeatable, name) && parameters.find_all(name).size() > 1)
      refuse("query.invalid", fmt::format("expected {} once in the query, found it repeated", name));
  }
}

}  // namespace

const std::vector<QuestionKind>& question_kinds() {
  static const std::vector<QuestionKind> all = {
      {"duplicates",
       {"workspace", "tenant", "type", "rule", "stage", "initiator", "identity", "since", "until", "group", "limit",
        "cursor"},
       {"type", "rule"},
       answers::duplicates},
      {"why", {"run"}, {}, answers::why},
      {"series", {"workspace", "tenant", "type", "since", "until", "step", "by", "of"}, {"type"}, answers::series},
      {"totals", {"workspace", "tenant", "type", "since", "until", "as_of"}, {"type"}, answers::totals},
      {"failures",
       {"workspace", "tenant", "type", "reason_code", "since", "until", "limit"},
       {"type"},
       answers::failures},
      {"overdue", {"workspace", "tenant", "type", "limit"}, {"type"}, answers::overdue},
      {"workers", {"workspace", "tenant", "type", "worker", "limit"}, {"type"}, answers::workers},
      {"attempts",
       {"workspace", "tenant", "type", "worker", "since", "until", "limit", "cursor"},
       {"type"},
       answers::attempts},
  };
  return all;
}

const QuestionKind& question_kind(std::string_view about) {
  const QuestionKind* kind = find_kind(about);
  RUNLEDGER_ASSERT(kind != nullptr);
  return *kind;
}

Result<std::string> answer(const Answerer& from, const Question& question) {
  const QuestionKind* kind = find_kind(question.about);
  if (kind == nullptr) return reject("question.unknown", "expected a question that this version knows");
  try {
    require_known(*kind, question.parameters);
    return kind->answer(from, question.parameters);
  } catch (const Refused& refused) {
    return refused.rejection();
  }
}

}  // namespace runledger
