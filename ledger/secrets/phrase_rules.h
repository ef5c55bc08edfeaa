// The table of the words of commands, protocols and configurations that a secret follows.
#pragma once

#include <span>
#include <string_view>

#include "ledger/secrets/name_rules.h"

namespace runledger {

struct PhraseRule {
  // The words before the secret, with a space between them. "*" is any word. A word with capitals has to have them, any
  // other may be of either case. A last ">" belongs to the word of the secret.
  std::string_view words;
  Demand demand;              // For kAssigned, any value in quotes counts, and another when it meets kMarked.
  std::string_view example;   // A template of a text with such a secret.
  std::string_view harmless;  // A template of a text that must stay as it is.
};

[[nodiscard]] std::span<const PhraseRule> phrase_rules();

}  // namespace runledger
