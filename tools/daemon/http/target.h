// The target of a request, taken apart and decoded, strictly.
#pragma once

#include <string_view>

#include "tools/daemon/http/message.h"

namespace runledger {

// Decodes percent-encoding, once; "+" is a plus. Code "http.malformed": encoding that is none, text that is not UTF-8
// (overlong forms are not), a control character, an encoded "/" or "\", a segment "." or "..", and a part of the query
// that is not NAME=VALUE or repeats a name.
[[nodiscard]] Result<HttpTarget> parse_target(std::string_view target);

}  // namespace runledger
