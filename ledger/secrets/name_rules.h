// The table of the names that secrets have, in texts and as keys of inputs.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace runledger {

// What a value under a name must be like to be a secret. The weaker the name, the more the value has to show. No demand
// is met by a placeholder, by a word such as "null", or by one that goes on with a sentence (values.h).
enum class Demand : std::uint8_t {
  kNever,     // Nothing is: the name only resembles that of a secret, as that of a paging cursor does.
  kAny,       // Anything is.
  kUnstored,  // Anything but the place of a secret in a store: prod/db, db-credentials.
  kNoCount,   // Anything but a small number, and but a time or a date.
  kAssigned,  // After "=", anything but a count or the result of a test; after ":", a quoted value only.
  kDigits,    // Four digits or more, or kMixed.
  kPin,       // The same, but for six digits, which a postal code may have.
  kMarked,    // Words that a mark or capitals join (Apple.Pie, meadow!lark), or kMixed.
  kMixed,     // Six characters or more, with letters and with digits.
  kMnemonic,  // Twelve small words or more, or kMixed.
  kBasic,     // The base64 of USER:PASSWORD, USER:PASSWORD itself, or kOpaque.
  kUuid,      // A UUID, or kOpaque.
  kOpaque,    // Sixteen characters or more that look random.
  kToken,     // Twenty-four or more in one piece, with letters of both cases and digits in disorder.
};

// Where a name has to stand.
enum class NamePlace : std::uint8_t {
  kWord,    // As the last words of a name, in any spelling: "api key" fits API_KEY, myApiKey and x-api-key.
  kEnding,  // The same, and at the end of a longer word: dbpassword.
  kQuery,   // In the query of a URL: ?code=…
};

struct NameRule {
  std::string_view name;  // In small letters, with a space between words.
  NamePlace place;
  Demand demand;
  std::string_view example;   // A template (tests/fixtures/data/text_template.h) of a text with such a secret.
  std::string_view harmless;  // A template of a text that must stay as it is.
};

// A name that ends in several of the names has the demand of the longest.
[[nodiscard]] std::span<const NameRule> name_rules();

// The same in languages other than English.
[[nodiscard]] std::span<const NameRule> language_name_rules();

}  // namespace runledger
