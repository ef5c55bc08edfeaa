// A command that signs, for a key that is kept elsewhere: in a key management service, in a hardware module, by an
// agent.
//
// It is called with the word "public-key" or "sign" added (docs/signer.md).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/values/ed25519.h"
#include "ledger/values/rejection.h"

namespace runledger {

// Others wait for the audit key while it signs.
inline constexpr std::chrono::seconds kSigningTimeout{8};

// Accepts a text of 1 to 4096 bytes without control characters. Code "signer.invalid".
[[nodiscard]] Result<std::string> parse_signing_command(std::string_view text);

struct SigningCommand {
  std::string command;
  Ed25519PublicKey key;
  // The user whose file names the command. No other user runs it, not even root: the file may be written by a user who
  // has fewer rights. Absent: nobody but the caller has named it.
  std::optional<uid_t> owner = {};

  // Asks the command for its public key, and whether it signs. Throws as sign() does.
  [[nodiscard]] static SigningCommand ask(const std::string& command);

  // Returns the 64 bytes of a signature, which is verified. Throws Failure "signer.failed" when the command fails,
  // takes longer than kSigningTimeout or answers with something else, "signer.wrong" when the signature is not one of
  // this key, and "ledger.wrong_user" for another user than the owner.
  [[nodiscard]] std::string sign(std::string_view text) const;

  // Throws as sign() does when the command does not sign now. It signs a text that is no checkpoint.
  void require_signing() const;
};

}  // namespace runledger
