// The text of JSON's strings and numbers.
#pragma once

#include <string>
#include <string_view>

namespace runledger {

// In quotation marks, with the escapes of RFC 8785 and no others. Requires valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

// A number as ECMAScript's Number::toString writes it: 1, 0.5, 1e+21. Requires a finite one.
[[nodiscard]] std::string canonical_number(double value);

// A number that shows that it may have a fraction: 60.0, 0.5, 1e-06. Requires a finite one.
[[nodiscard]] std::string real_number(double value);

}  // namespace runledger
