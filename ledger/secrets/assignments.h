// Finds values that are secrets because of the name before them: password=…, "client_secret": "…", --token …,
// <password>…
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "ledger/secrets/shapes.h"

namespace runledger {

// Each function examines one position of the text and returns the bytes to redact, or nullopt when there is no secret.
// All are pure. They take constant time, plus time in proportion to the length of the value.

// Finds the value after a separator. `position` is that of "=", ":" or the "%" of their percent-encoded forms.
[[nodiscard]] std::optional<TextSpan> assigned_value(std::string_view text, std::size_t position);

// Finds the value of a command-line option such as --password. `position` is that of the option's first hyphen.
[[nodiscard]] std::optional<TextSpan> option_value(std::string_view text, std::size_t position);

// Finds the password after a user name, as in "-u bob:…" and "--user bob:…". `position` is that of the first hyphen.
[[nodiscard]] std::optional<TextSpan> login_value(std::string_view text, std::size_t position);

// Finds the content of an XML element. `position` is that of the ">" that ends an opening tag such as <password>.
[[nodiscard]] std::optional<TextSpan> element_value(std::string_view text, std::size_t position);

// Finds a quoted value without a separator. `position` is that of a quotation mark after a name and a space:
// password "…".
[[nodiscard]] std::optional<TextSpan> quoted_value(std::string_view text, std::size_t position);

// True for a value that stands in a secret's place but is not a secret: null, false, ${NAME}, $NAME, %s, asterisks.
[[nodiscard]] bool is_placeholder(std::string_view value);

}  // namespace runledger
