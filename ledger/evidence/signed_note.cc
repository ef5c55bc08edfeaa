// A note is its text, an empty line, and lines of the form "— NAME BASE64", whose base64 has the key's id and the
// signature.
#include "ledger/evidence/signed_note.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "ledger/base/assert.h"
#include "ledger/base/utf8.h"
#include "ledger/values/base64.h"
#include "ledger/values/digest.h"
#include "ledger/values/sha256.h"

namespace runledger {
namespace {

constexpr std::size_t kKeyNameMax = 200;
constexpr std::size_t kSignaturesMax = 100;
constexpr std::size_t kKeyIdBytes = 4;
constexpr char kEd25519 = '\1';                                // The type of the signature.
constexpr std::string_view kSignatureStart = "\xE2\x80\x94 ";  // An em dash and a blank.
constexpr std::string_view kSecretStart = "PRIVATE+KEY+";

struct KeyText {
  std::string name;
  std::array<unsigned char, kEd25519KeyBytes> bytes{};
};

// Reads the last three parts of a key's text form. The caller compares what they make with the text.
std::optional<KeyText> parse_key_text(std::string_view text) {
  const std::size_t first = text.find('+');
  const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const Result<std::string> name = parse_key_name(text.substr(0, first));
  const std::optional<std::string> key = parse_base64(text.substr(second + 1));
  if (!name || !key || key->size() != 1 + kEd25519KeyBytes) return std::nullopt;
  KeyText parsed{.name = *name};
  std::memcpy(parsed.bytes.data(), key->data() + 1, kEd25519KeyBytes);
  return parsed;
}

std::string key_text(const NoteVerifier& verifier, std::string_view key) {
  return fmt::format("{}+{}+{}", verifier.name, format_hex(verifier.id()), format_base64(kEd25519 + std::string(key)));
}

struct Signature {
  std::string_view name;
  std::string bytes;  // The key's id, and the signature.
};

std::optional<Signature> parse_signature(std::string_view line) {
  if (!line.starts_with(kSignatureStart)) return std::nullopt;
  line.remove_prefix(kSignatureStart.size());
  const std::size_t blank = line.find(' ');
  if (blank == 0 || blank == std::string_view::npos) return std::nullopt;
  std::optional<std::string> bytes = parse_base64(line.substr(blank + 1));
  if (!bytes || bytes->size() <= kKeyIdBytes) return std::nullopt;
  return Signature{line.substr(0, blank), *std::move(bytes)};
}

// The lines after the last empty line. Requires text that ends with a newline.
std::optional<std::vector<Signature>> parse_signatures(std::string_view lines) {
  std::vector<Signature> signatures;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    std::optional<Signature> signature = parse_signature(lines.substr(0, end));
    if (!signature || signatures.size() == kSignaturesMax) return std::nullopt;
    signatures.push_back(*std::move(signature));
    lines.remove_prefix(end + 1);
  }
  if (signatures.empty()) return std::nullopt;
  return signatures;
}

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= 0 && c < ' ' && c != '\n'; });
}

}  // namespace

Result<std::string> parse_key_name(std::string_view text) {
  const bool is_name = !text.empty() && text.size() <= kKeyNameMax &&
                       std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~' && c != '+'; });
  if (!is_name)
    return reject("origin.invalid",
                  fmt::format("expected an origin of 1 to {} printable ASCII characters without blanks and plus signs",
                              kKeyNameMax));
  return std::string(text);
}

std::string NoteVerifier::id() const {
  using namespace std::string_view_literals;
  const Digest<32> digest = sha256({name, "\n\1"sv, view_of(key.bytes)});
  return std::string(bytes_of(digest).substr(0, kKeyIdBytes));
}

std::string NoteVerifier::format() const {
  return key_text(*this, view_of(key.bytes));
}

Result<NoteVerifier> NoteVerifier::parse(std::string_view text) {
  if (const std::optional<KeyText> parsed = parse_key_text(text)) {
    NoteVerifier verifier{parsed->name, {parsed->bytes}};
    if (verifier.format() == text) return verifier;
  }
  return reject("key.invalid", "expected a verifier key as `runledger audit key show` prints it: NAME+ID+KEY");
}

std::string NoteSigner::format() const {
  return std::string(kSecretStart) + key_text(verifier(), view_of(key.bytes));
}

std::optional<NoteSigner> NoteSigner::parse(std::string_view text) {
  if (!text.starts_with(kSecretStart)) return std::nullopt;
  const std::optional<KeyText> parsed = parse_key_text(text.substr(kSecretStart.size()));
  if (!parsed) return std::nullopt;
  NoteSigner signer{parsed->name, {parsed->bytes}};
  if (signer.format() != text) return std::nullopt;
  return signer;
}

std::string sign_note(std::string_view text, const NoteSigner& signer) {
  RUNLEDGER_ASSERT(text.ends_with('\n'));
  return fmt::format("{}\n{}{} {}\n", text, kSignatureStart, signer.name,
                     format_base64(signer.verifier().id() + signer.key.sign(text)));
}

Result<std::string> open_note(std::string_view note, const NoteVerifier& verifier) {
  const std::size_t end = note.rfind("\n\n");
  std::optional<std::vector<Signature>> signatures;
  if (note.size() <= kNoteBytesMax && note.ends_with('\n') && end != std::string_view::npos && is_valid_utf8(note) &&
      !has_control_characters(note))
    signatures = parse_signatures(note.substr(end + 2));
  if (!signatures) return reject("note.malformed", "expected a signed note: text, an empty line, and signatures");
  const std::string_view text = note.substr(0, end + 1);
  bool is_signed = false;
  for (const Signature& signature : *signatures) {
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
