// The parts that signed notes, checkpoints and cosignatures share: key ids, the text form of keys, signature lines.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/values/ed25519.h"
#include "ledger/values/rejection.h"

namespace runledger {

// The kinds of Ed25519 signatures, by the byte that stands for them in keys and their ids.
enum class SignatureKind : char {
  kNote = 1,         // Of a note's text.
  kCosignature = 4,  // Of a time and a checkpoint's text.
};

// Accepts 1 to 200 printable ASCII characters without blanks and plus signs. Code "origin.invalid".
[[nodiscard]] Result<std::string> parse_key_name(std::string_view text);

inline constexpr std::size_t kKeyIdBytes = 4;
inline constexpr std::string_view kSignatureStart = "\xE2\x80\x94 ";  // Of its line: an em dash and a blank.

// The beginning of a digest of name, kind and public key.
[[nodiscard]] std::string key_id(std::string_view name, SignatureKind kind, const Ed25519PublicKey& key);

// Returns NAME+ID+KEY, for the public or the secret bytes of a key.
[[nodiscard]] std::string format_key(std::string_view name, std::string_view id, SignatureKind kind,
                                     std::string_view bytes);

struct KeyText {
  std::string name;
  std::array<unsigned char, kEd25519KeyBytes> bytes{};
};

// Reads name and bytes of what format_key() returns, and lets other spellings pass: the caller formats them again and
// compares.
[[nodiscard]] std::optional<KeyText> parse_key(std::string_view text);

struct NoteSignature {
  std::string_view name;
  std::string bytes;      // The key's id, and what it has signed with.
  std::string_view line;  // With its newline.
};

inline constexpr std::size_t kSignaturesMax = 100;  // Of a note.

// Reads lines of the form "— NAME BASE64", 1 to kSignaturesMax of them.
[[nodiscard]] std::optional<std::vector<NoteSignature>> parse_signatures(std::string_view lines);

}  // namespace runledger
