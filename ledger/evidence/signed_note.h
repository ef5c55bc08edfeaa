// Signed notes: texts with Ed25519 signatures, as C2SP's signed-note and Go's golang.org/x/mod/sumdb/note define them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "ledger/evidence/note_parts.h"
#include "ledger/evidence/signing_command.h"
#include "ledger/values/ed25519.h"
#include "ledger/values/rejection.h"

namespace runledger {

inline constexpr std::size_t kNoteBytesMax = std::size_t{1024} * 1024;

// The public key by which notes are verified, with its name.
struct NoteVerifier {
  std::string name;  // As parse_key_name() accepts it.
  Ed25519PublicKey key;

  // The four bytes by which a signature names its key: the beginning of a digest of name and key.
  [[nodiscard]] std::string id() const;
  // The text form, NAME+ID+KEY: the id in hex, and the base64 of a byte 1 and the key.
  [[nodiscard]] std::string format() const;
  // Accepts exactly what format() returns. Code "key.invalid".
  [[nodiscard]] static Result<NoteVerifier> parse(std::string_view text);

  friend bool operator==(const NoteVerifier&, const NoteVerifier&) = default;
};

// The secret key.
struct NoteSigner {
  std::string name;
  std::variant<Ed25519Key, SigningCommand> key;

  [[nodiscard]] NoteVerifier verifier() const;
  // Returns the 64 bytes of the signature. Throws Failure as SigningCommand::sign() does.
  [[nodiscard]] std::string sign(std::string_view text) const;
  // The text form, PRIVATE+KEY+NAME+ID+KEY, which is the secret itself. For a command, the lines
  // "runledger/signer@v1", its verifier key, and the command.
  [[nodiscard]] std::string format() const;
  // Accepts exactly what format() returns.
  [[nodiscard]] static std::optional<NoteSigner> parse(std::string_view text);
};

// Returns the note: `text`, an empty line and the signature. Requires a text that ends with a newline. Throws as
// NoteSigner::sign() does.
[[nodiscard]] std::string sign_note(std::string_view text, const NoteSigner& signer);

// Returns the text of a note that `verifier` has signed. Signatures of other keys are ignored. Refuses with
// "note.malformed" what is no note or has more than kNoteBytesMax bytes or 100 signatures, with "note.unsigned" a note
// without a signature of the key, and with "note.forged" one whose signature is not that of the text.
[[nodiscard]] Result<std::string> open_note(std::string_view note, const NoteVerifier& verifier);

}  // namespace runledger
