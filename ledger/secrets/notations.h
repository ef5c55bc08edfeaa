// How programs and people write a name and its value: the separators, and what stands around the value.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "ledger/secrets/folded_text.h"

namespace runledger {

// All functions take folded text (folded_text.h).

// True when the character at the position ends a value without quotes: white space, ";", an angle bracket, or "&"
// before another parameter of a query or before nothing. A quotation mark ends it only when no letter or digit follows:
// a password may contain one.
[[nodiscard]] bool ends_value(std::string_view text, std::size_t position);

// Returns what the quotation mark at `open` quotes, up to the mark that ends it or to the end of the text. Three marks
// are ended by three.
[[nodiscard]] TextSpan quoted(std::string_view text, std::size_t open);

// Skips what may stand between a separator and its value: spaces, the second half of Markdown's bold, YAML's mark of a
// block, the backslash of a quote inside a JSON text, the bracket of a list.
[[nodiscard]] std::size_t skip_to_value(std::string_view text, std::size_t position);

// Skips the constructor of an optional or a string around a quoted value: Some("…"), String("…"), b'…', N'…'.
[[nodiscard]] std::size_t skip_wrapper(std::string_view text, std::size_t position);

// True for a JSON object, whose members are judged by their own names, and for a placeholder of a template.
[[nodiscard]] bool begins_structure(std::string_view text, std::size_t position);

// Returns the size in bytes of the separator at `position`, or zero when there is no separator. A URL's "://", C++'s
// "::" and "->" and a comparison are not separators.
[[nodiscard]] std::size_t separator_size(std::string_view text, std::size_t position);

// Returns the end of a number or a literal that is a member of a JSON object or array: {"token":123,"n":null}.
[[nodiscard]] std::optional<std::size_t> literal_end(std::string_view text, std::size_t begin);

// True when the word at `begin` stands in an address whose parts colons separate: arn:aws:secretsmanager:…:secret:db. A
// file in a path is no name either: /etc/passwd: permission denied.
[[nodiscard]] bool is_part_of_address(std::string_view text, std::size_t begin);

// True when the quotation mark at `next`, after the separator, closes the text that the name stands in: expect
// "password:". The name begins at `name`.
[[nodiscard]] bool is_end_of_quotation(std::string_view text, std::size_t name, std::size_t separator,
                                       std::size_t next);

}  // namespace runledger
