// The table of the functions that take a secret as one of their arguments.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "ledger/secrets/name_rules.h"

namespace runledger {

struct CallRule {
  std::string_view function;  // In small letters, with "("; also the end of a name: PSCredential( for "credential(".
  std::size_t argument;       // The number of the secret argument, from 1 on. It counts when it is in quotes.
  Demand demand;
  std::string_view example;   // A template of a text with such a secret.
  std::string_view harmless;  // A template of a text that must stay as it is.
};

[[nodiscard]] std::span<const CallRule> call_rules();

}  // namespace runledger
