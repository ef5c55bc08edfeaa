// Finds values whose names stand where no separator joins the two: in dumps of programs, commands of build servers,
// registries, relay maps, and after the value itself.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "ledger/secrets/folded_text.h"

namespace runledger {

// Each function examines one position of the folded text, reads a bounded number of characters around it, and returns
// the bytes to redact, or nullopt when there is no secret.

// A value that a program has written with its size or after a leader. `position` is that of the quotation mark before
// it: s:8:"password";s:14:"…", password|s:6:"…", password........."…".
[[nodiscard]] std::optional<TextSpan> dumped_value(std::string_view text, std::size_t position);

// A value after the command of a build server that names it. `position` is that of the "=" before the name:
// ##vso[task.setvariable variable=DbPassword]…, ::set-output name=token::….
[[nodiscard]] std::optional<TextSpan> build_variable(std::string_view text, std::size_t position);

// A value after its name and its type in a registry, DefaultPassword REG_SZ …. `position` is that of the space before
// the value.
[[nodiscard]] std::optional<TextSpan> registry_value(std::string_view text, std::size_t position);

// A value before its name: "481516 is your verification code", "use … as the password". `position` is that of the
// space after it.
[[nodiscard]] std::optional<TextSpan> value_before_name(std::string_view text, std::size_t position);

// The password in an entry of a map of mail relays, [smtp.example.com]:587 user:…. `position` is that of the colon
// before the port.
[[nodiscard]] std::optional<TextSpan> relay_password(std::string_view text, std::size_t position);

// The secret in an entry of a file of PPP, "bob" * "…" *. `position` is that of the quotation mark before it.
[[nodiscard]] std::optional<TextSpan> dial_in_secret(std::string_view text, std::size_t position);

}  // namespace runledger
