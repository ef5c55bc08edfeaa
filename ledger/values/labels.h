// Labels: short names and values by which people find their runs again. They are no part of a run's identity.
#pragma once

#include <cstddef>
#include <map>
#include <string_view>

#include "ledger/values/names.h"

namespace runledger {

using Labels = std::map<LabelKey, SanitizedText>;  // At most kLabelsMax.
inline constexpr std::size_t kLabelsMax = 8;
inline constexpr std::size_t kLabelValueCharactersMax = 128;

// Checks a label, sanitises its value, and adds it. Throws Refused: "label.key_invalid", "label.key_secret",
// "label.duplicate" when the key is there already, "label.value_too_long" when the sanitised value has more than
// kLabelValueCharactersMax characters, "labels.too_many".
void add_label(Labels& labels, std::string_view key, std::string_view value);

}  // namespace runledger
