// Checks one label at a time, so that every way in has the same limits.
#include "ledger/values/labels.h"

#include <fmt/format.h>

#include <utility>

#include "ledger/base/utf8.h"

namespace runledger {

void add_label(Labels& labels, std::string_view key, std::string_view value) {
  LabelKey name = need(parse_label_key(key));
  SanitizedText text = sanitize(value);
  const std::size_t length = count_characters(text.str());
  if (length > kLabelValueCharactersMax)
    refuse("label.value_too_long", fmt::format("expected a value of at most {} characters for label {}, found {}",
                                               kLabelValueCharactersMax, name.str(), length));
  if (labels.contains(name))
    refuse("label.duplicate", fmt::format("expected label {} once, found it twice", name.str()));
  if (labels.size() == kLabelsMax)
    refuse("labels.too_many", fmt::format("expected at most {} labels, found more", kLabelsMax));
  labels.emplace(std::move(name), std::move(text));
}

}  // namespace runledger
