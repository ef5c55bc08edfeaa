// Keeps the typed texts under the names of the parameters.
#include "tools/cli/options/question_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/cli/options/typed_time.h"

namespace runledger {
namespace {

std::string flag_of(std::string_view parameter) {
  std::string flag = fmt::format("--{}", parameter);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

}  // namespace

void TypedQuestion::value(Options& options, std::string_view parameter, std::string_view value, std::string_view help) {
  options.value(flag_of(parameter), value, help, add(parameter));
}

void TypedQuestion::number(Options& options, std::string_view parameter, std::string_view value,
                           std::string_view help) {
  options.number(flag_of(parameter), value, help, add(parameter));
}

void TypedQuestion::time(Options& options, std::string_view parameter, const std::string& help) {
  options.time(flag_of(parameter), kTimeValue, help, add(parameter, true));
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
  declare_limit(options, "At most so many, 1 to 1000 (default 50)");
  value(options, "cursor", "CURSOR", "Where the page before ended, as it said");
  options.flag("--all", kEveryPageHelp, every_page_);
}

void TypedQuestion::declare_limit(Options& options, std::string_view help) {
  options.number("-n,--limit", "N", help, add("limit"));
}

Typed& TypedQuestion::add(std::string_view parameter, bool is_time) {
  return single_.emplace_back(Single{.parameter = std::string(parameter), .is_time = is_time}).typed;
}

Question TypedQuestion::require_question(std::string_view about) const {
  Question question{.about = std::string(about), .parameters = {}};
  for (const auto& [parameter, is_time, typed] : single_) {
    if (typed) question.parameters.add(parameter, is_time ? format_time(require_time(*typed)) : *typed);
  }
  for (const auto& [parameter, texts] : repeated_) {
    for (const std::string& text : texts) question.parameters.add(parameter, text);
  }
  return question;
}

}  // namespace runledger
