// Tells what only stands in the place of a secret.
#pragma once

#include <string_view>

namespace runledger {

// All functions take folded text (folded_text.h), and read a bounded part of its beginning.

// True for a value that stands in a secret's place but is not a secret:
//   - an absence (null, none, n/a), a mask (***, [FILTERED], xxxxxxxx, **REDACTED**), a type (string);
//   - a reference that something replaces later: ${NAME}, $NAME, %NAME%, {{ name }}, {0}, %s, :name, ?, __NAME__;
//   - a reference to where the secret is kept: a path, env:NAME, vault:…, op://…, arn:aws:secretsmanager:…;
//   - code that gets it: os.environ["X"], getenv("X"), var.name, $this->token; a text for the one who fills it in:
//     your_api_key, PASSWORD;
//   - a code of an error: Token.Expired, WEAK_PASSWORD.
[[nodiscard]] bool is_placeholder(std::string_view value);

// True for a word that says that there is no value, that it was removed, of what type it is, or what was found of it.
[[nodiscard]] bool is_absence(std::string_view word);

// True for a value that a program has made unreadable: ghp_xxxxxxxx, ab****yz.
[[nodiscard]] bool is_masked(std::string_view value);

// True for a value that an earlier pass replaced, also when closing punctuation follows it.
[[nodiscard]] bool is_redacted(std::string_view value);

// Returns the value without closing brackets and punctuation at its end.
[[nodiscard]] std::string_view without_closers(std::string_view value);

}  // namespace runledger
