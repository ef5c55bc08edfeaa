// The text in which Postgres gives back a jsonb value.
#pragma once

#include <string>
#include <string_view>

namespace runledger {

// Appends the text of the jsonb value that Postgres makes of canonical JSON: members ordered by the length of their
// keys and then by their bytes, and a space after each comma and colon. It is a good guess and no more: numbers with an
// exponent and keys with escapes come out differently in Postgres. Requires canonical JSON.
void append_jsonb_text(std::string& out, std::string_view canonical);

}  // namespace runledger
