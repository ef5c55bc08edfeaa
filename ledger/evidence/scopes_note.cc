// Reads the text in one way only: it is written again and compared.
#include "ledger/evidence/scopes_note.h"

#include <fmt/format.h>

#include "ledger/base/assert.h"
#include "ledger/evidence/lines.h"
#include "ledger/values/base64.h"

namespace runledger {
namespace {

constexpr std::uint64_t kUnixTimeMax = 253'402'300'799;  // The end of the year 9999.

std::string text_of(const ScopesNote& scopes, std::string_view name) {
  return fmt::format("{}/scopes\nroot {}\nsalt {}\ntime {}\n", name, format_base64(bytes_of(scopes.root)),
                     format_base64(bytes_of(scopes.salt)), scopes.unix_time);
}

std::optional<ScopesNote> parse_text(std::string_view text, std::string_view name) {
  const std::string_view whole = text;
  (void)take_line(text);
  const auto root = parse_hash(take_member(text, "root").value_or(""));
  const auto salt = parse_hash(take_member(text, "salt").value_or(""));
  const auto time = parse_decimal(take_member(text, "time").value_or(""));
  if (!root || !salt || !time || *time > kUnixTimeMax) return std::nullopt;
  const ScopesNote scopes{*root, *salt, *time};
  return text_of(scopes, name) == whole ? std::optional(scopes) : std::nullopt;
}

Result<ScopesNote> open_with(std::string_view note, const NoteVerifier& verifier) {
  const Result<std::string> text = open_note(note, verifier);
  if (!text) return text.rejection();
  const std::optional<ScopesNote> scopes = parse_text(*text, verifier.name);
  if (!scopes)
    return reject("scopes.malformed",
                  fmt::format("expected a note of the tree of scopes of {}, found another text", verifier.name));
  return *scopes;
}

}  // namespace

std::string sign_scopes(const ScopesNote& scopes, const NoteSigner& signer) {
  return sign_note(text_of(scopes, signer.name), signer);
}

Result<ScopesNote> open_scopes_note(std::string_view note, std::span<const NoteVerifier> keys) {
  RUNLEDGER_ASSERT(!keys.empty());
  Result<ScopesNote> opened = open_with(note, keys.back());
  for (std::size_t i = keys.size() - 1; !opened && opened.rejection().code == "note.unsigned" && i > 0; --i)
    opened = open_with(note, keys[i - 1]);
  return opened;
}

}  // namespace runledger
