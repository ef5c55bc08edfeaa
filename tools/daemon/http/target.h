// Strict parsing and decoding of a request's target.
#pragma once

#include <string_view>

#include "tools/daemon/http/message.h"

namespace runledger {

// Splits a target into its path and query, and decodes percent-encoding once; "+" stays a plus. Refuses, with code
// "http.malformed", invalid percent-encoding, text that is not UTF-8 (overlong forms are not), a control character, an
// encoded "/" or "\", a segment "." or "..", and a part of the query that is not NAME=VALUE or repeats a name.
[[nodiscard]] Result<HttpTarget> parse_target(std::string_view target);

}  // namespace runledger
