// Values that are secrets because of the name before them: password=…, "client_secret": "…", --token …, <password>…
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "ledger/secrets/shapes.h"

namespace runledger {

// Each looks at one place of the text and gives the value to redact. All are constant in time where nothing is found,
// but for the value's own length.

// `position` is that of "=", ":" or the "%" of their percent-encoded forms.
[[nodiscard]] std::optional<TextSpan> assigned_value(std::string_view text, std::size_t position);

// `position` is that of the first hyphen of an option such as --password.
[[nodiscard]] std::optional<TextSpan> option_value(std::string_view text, std::size_t position);

// The password behind a user's name, as in "-u bob:…" and "--user bob:…". `position` is that of the first hyphen.
[[nodiscard]] std::optional<TextSpan> login_value(std::string_view text, std::size_t position);

// `position` is that of the ">" that ends an opening tag such as <password>.
[[nodiscard]] std::optional<TextSpan> element_value(std::string_view text, std::size_t position);

// `position` is that of a quotation mark behind a name and a space: password "…".
[[nodiscard]] std::optional<TextSpan> quoted_value(std::string_view text, std::size_t position);

// True for what stands in a secret's place and is none: null, false, ${NAME}, $NAME, %s, asterisks.
[[nodiscard]] bool is_placeholder(std::string_view value);

}  // namespace runledger
