// Reads and writes the lines of notes and the text form of keys.
#include "ledger/evidence/note_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "ledger/values/base64.h"
#include "ledger/values/digest.h"
#include "ledger/values/sha256.h"

namespace runledger {
namespace {

constexpr std::size_t kKeyNameMax = 200;

std::optional<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(kSignatureStart)) return std::nullopt;
  line.remove_prefix(kSignatureStart.size());
  const std::size_t blank = line.find(' ');
  if (blank == 0 || blank == std::string_view::npos) return std::nullopt;
  std::optional<std::string> bytes = parse_base64(line.substr(blank + 1));
  if (!bytes || bytes->size() <= kKeyIdBytes) return std::nullopt;
  return NoteSignature{line.substr(0, blank), *std::move(bytes), {}};
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

std::string key_id(std::string_view name, SignatureKind kind, const Ed25519PublicKey& key) {
  const char kind_byte = static_cast<char>(kind);
  const Digest<32> digest = sha256({name, "\n", std::string_view(&kind_byte, 1), view_of(key.bytes)});
  return std::string(bytes_of(digest).substr(0, kKeyIdBytes));
}

std::string format_key(std::string_view name, std::string_view id, SignatureKind kind, std::string_view bytes) {
  return fmt::format("{}+{}+{}", name, format_hex(id), format_base64(static_cast<char>(kind) + std::string(bytes)));
}

std::optional<KeyText> parse_key(std::string_view text) {
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

std::optional<std::vector<NoteSignature>> parse_signatures(std::string_view lines) {
  std::vector<NoteSignature> signatures;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    std::optional<NoteSignature> signature = parse_signature(lines.substr(0, end));
    if (!signature || signatures.size() == kSignaturesMax) return std::nullopt;
    signature->line = lines.substr(0, end + 1);
    signatures.push_back(*std::move(signature));
    lines.remove_prefix(end + 1);
  }
  if (signatures.empty()) return std::nullopt;
  return signatures;
}

}  // namespace runledger
