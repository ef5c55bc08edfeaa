// A note is its text, an empty line, and lines of the form "— NAME BASE64", whose base64 has the key's id and the
// signature.
#include "ledger/evidence/signed_note.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "ledger/base/assert.h"
#include "ledger/base/utf8.h"
#include "ledger/evidence/note_parts.h"
#include "ledger/values/base64.h"
#include "ledger/values/digest.h"

namespace runledger {
namespace {

constexpr std::string_view kSecretStart = "PRIVATE+KEY+";
constexpr std::string_view kCommandStart = "runledger/signer@v1\n";

std::string key_text(const NoteVerifier& verifier, std::string_view key) {
  return format_key(verifier.name, verifier.id(), SignatureKind::kNote, key);
}

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= 0 && c < ' ' && c != '\n'; });
}

// The verifier key and the command, each a line.
std::optional<NoteSigner> parse_command(std::string_view lines) {
  const std::size_t end = lines.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const Result<NoteVerifier> verifier = NoteVerifier::parse(lines.substr(0, end));
  const Result<std::string> command = parse_signing_command(lines.substr(end + 1));
  if (!verifier || !command) return std::nullopt;
  return NoteSigner{verifier->name, SigningCommand{*command, verifier->key}};
}

}  // namespace

std::string NoteVerifier::id() const {
  return key_id(name, SignatureKind::kNote, key);
}

std::string NoteVerifier::format() const {
  return key_text(*this, view_of(key.bytes));
}

Result<NoteVerifier> NoteVerifier::parse(std::string_view text) {
  if (const std::optional<KeyText> parsed = parse_key(text)) {
    NoteVerifier verifier{parsed->name, {parsed->bytes}};
    if (verifier.format() == text) return verifier;
  }
  return reject("key.invalid", "expected a verifier key as `runledger audit key show` prints it: NAME+ID+KEY");
}

NoteVerifier NoteSigner::verifier() const {
  if (const auto* command = std::get_if<SigningCommand>(&key)) return {name, command->key};
  return {name, std::get<Ed25519Key>(key).public_key()};
}

std::string NoteSigner::sign(std::string_view text) const {
  if (const auto* command = std::get_if<SigningCommand>(&key)) return command->sign(text);
  return std::get<Ed25519Key>(key).sign(text);
}

std::string NoteSigner::format() const {
  if (const auto* command = std::get_if<SigningCommand>(&key))
    return fmt::format("{}{}\n{}", kCommandStart, verifier().format(), command->command);
  return std::string(kSecretStart) + key_text(verifier(), view_of(std::get<Ed25519Key>(key).bytes));
}

std::optional<NoteSigner> NoteSigner::parse(std::string_view text) {
  if (text.starts_with(kCommandStart)) return parse_command(text.substr(kCommandStart.size()));
  if (!text.starts_with(kSecretStart)) return std::nullopt;
  const std::optional<KeyText> parsed = parse_key(text.substr(kSecretStart.size()));
  if (!parsed) return std::nullopt;
  NoteSigner signer{parsed->name, Ed25519Key{parsed->bytes}};
  if (signer.format() != text) return std::nullopt;
  return signer;
}

std::string sign_note(std::string_view text, const NoteSigner& signer) {
  RUNLEDGER_ASSERT(text.ends_with('\n'));
  return fmt::format("{}\n{}{} {}\n", text, kSignatureStart, signer.name,
                     format_base64(signer.verifier().id() + signer.sign(text)));
}

Result<std::string> open_note(std::string_view note, const NoteVerifier& verifier) {
  const std::size_t end = note.rfind("\n\n");
  std::optional<std::vector<NoteSignature>> signatures;
  if (note.size() <= kNoteBytesMax && note.ends_with('\n') && end != std::string_view::npos && is_valid_utf8(note) &&
      !has_control_characters(note))
    signatures = parse_signatures(note.substr(end + 2));
  if (!signatures) return reject("note.malformed", "expected a signed note: text, an empty line, and signatures");
  const std::string_view text = note.substr(0, end + 1);
  bool is_signed = false;
  for (const NoteSignature& signature : *signatures) {
    if (signature.name != verifier.name || !signature.bytes.starts_with(verifier.id())) continue;
    if (!verifier.key.verifies(text, signature.bytes.substr(kKeyIdBytes)))
      return reject("note.forged", fmt::format("expected the signature of {} to be of this text, found that it is not",
                                               verifier.name));
    is_signed = true;
  }
  if (!is_signed)
    return reject("note.unsigned", fmt::format("expected a signature by the key of {}, found none", verifier.name));
  return std::string(text);
}

}  // namespace runledger
