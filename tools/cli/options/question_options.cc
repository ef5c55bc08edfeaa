// Keeps the typed texts under the names of the parameters.
#include "tools/cli/options/question_options.h"

#include <fmt/format.h>

#include <algorithm>

namespace runledger {
namespace {

std::string flag_of(std::string_view parameter) {
  std::string flag = fmt::format("--{}", parameter);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

}  // namespace

void TypedQuestion::value(Options& options, std::string_view parameter, std::string_view value, std::string_view help) {
  options.value(flag_of(parameter), value, help, single_.emplace_back(parameter, Typed()).second);
}

void TypedQuestion::number(Options& options, std::string_view parameter, std::string_view value,
                           std::string_view help) {
  options.number(flag_of(parameter), value, help, single_.emplace_back(parameter, Typed()).second);
}

void TypedQuestion::time(Options& options, std::string_view parameter, const std::string& help) {
  options.time(flag_of(parameter), "TIME", help, single_.emplace_back(parameter, Typed()).second);
}

void TypedQuestion::values(Options& options, std::string_view parameter, std::string_view value,
                           std::string_view help) {
  options.values(flag_of(parameter), value, help, repeated_.emplace_back(parameter, std::vector<std::string>()).second);
}

void TypedQuestion::declare_scope(Options& options) {
  value(options, "workspace", "W", "Only runs of this workspace");
  value(options, "tenant", "T", "Only runs of this tenant");
  values(options, "type", "TYPE", "Only runs of this type, or of one of several");
}

void TypedQuestion::declare_times(Options& options, std::string_view what) {
  time(options, "since", fmt::format("{} at or after it", what));
  time(options, "until", fmt::format("{} before it", what));
}

void TypedQuestion::declare_page(Options& options) {
  number(options, "limit", "N", "At most so many, 1 to 1000 (default 50)");
  value(options, "cursor", "CURSOR", "Where the page before ended, as it said");
}

Question TypedQuestion::require_question(std::string_view about) const {
  Question question{.about = std::string(about), .parameters = {}};
  for (const auto& [parameter, typed] : single_) {
    if (typed) question.parameters.add(parameter, *typed);
  }
  for (const auto& [parameter, texts] : repeated_) {
    for (const std::string& text : texts) question.parameters.add(parameter, text);
  }
  return question;
}

}  // namespace runledger
