// Writes JSON strings and numbers.
#pragma once

#include <string>
#include <string_view>

namespace runledger {

// Appends the text in quotation marks, with the escapes of RFC 8785 and no others. Requires valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

// Returns the number as ECMAScript's Number::toString writes it: 1, 0.5, 1e+21. Requires a finite number.
[[nodiscard]] std::string canonical_number(double value);

// Returns the number in a form that shows that it may have a fraction: 60.0, 0.5, 1e-06. Requires a finite number.
[[nodiscard]] std::string real_number(double value);

}  // namespace runledger
