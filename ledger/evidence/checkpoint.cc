// The text has three lines: the origin, the size and the root. Lines after them are extensions, of which unknown ones
// are ignored.
#include "ledger/evidence/checkpoint.h"

#include <fmt/format.h>

#include "ledger/base/assert.h"
#include "ledger/evidence/lines.h"
#include "ledger/values/base64.h"

namespace runledger {
namespace {

constexpr std::string_view kScopesWord = "runledger/scopes";
constexpr std::string_view kErasedWord = "runledger/erased";

// Takes the value of an extension line. Returns false when it has a form that is not ours, or has come before.
template <class Value, class Parse>
bool take_extension(std::optional<Value>& taken, std::string_view text, const Parse& parse) {
  if (taken) return false;
  taken = parse(text);
  return taken.has_value();
}

std::optional<Checkpoint> parse_checkpoint_text(std::string_view text) {
  const std::optional<std::string_view> origin = take_line(text);
  const std::optional<std::string_view> size = take_line(text);
  const std::optional<std::string_view> root = take_line(text);
  if (!origin || !size || !root || origin->empty()) return std::nullopt;
  const std::optional<std::uint64_t> leaves = parse_decimal(*size);
  const std::optional<Digest<32>> hash = parse_hash(*root);
  if (!leaves || !hash) return std::nullopt;
  Checkpoint checkpoint{std::string(*origin), {*leaves, *hash}};
  while (!text.empty()) {
    const std::optional<std::string_view> line = take_line(text);
    if (!line || line->empty()) return std::nullopt;
    const std::optional<std::string_view> scopes = member_in(*line, kScopesWord);
    if (scopes && !take_extension(checkpoint.scopes, *scopes, parse_hash)) return std::nullopt;
    const std::optional<std::string_view> erased = member_in(*line, kErasedWord);
    if (erased && !take_extension(checkpoint.erased, *erased, parse_erased_keys)) return std::nullopt;
  }
  return checkpoint;
}

}  // namespace

std::string checkpoint_text(const TreeHead& tree, const std::string& origin, const std::optional<Digest<32>>& scopes,
                            const ErasedKeys& erased) {
  std::string text = fmt::format("{}\n{}\n{}\n", origin, tree.size, format_base64(bytes_of(tree.root)));
  if (scopes) text += fmt::format("{} {}\n", kScopesWord, format_base64(bytes_of(*scopes)));
  if (erased.total != 0) text += fmt::format("{} {}\n", kErasedWord, format_erased_keys(erased));
  return text;
}

std::string sign_checkpoint(const TreeHead& tree, const NoteSigner& signer, const std::optional<Digest<32>>& scopes,
                            const ErasedKeys& erased) {
  return sign_note(checkpoint_text(tree, signer.name, scopes, erased), signer);
}

Result<Checkpoint> open_checkpoint(std::string_view note, const NoteVerifier& verifier) {
  const Result<std::string> text = open_note(note, verifier);
  if (!text) return text.rejection();
  std::optional<Checkpoint> checkpoint = parse_checkpoint_text(*text);
  if (!checkpoint)
    return reject("checkpoint.malformed", "expected a checkpoint: lines of origin, size and root, found another text");
  if (checkpoint->origin != verifier.name)
    return reject("checkpoint.other_origin",
                  fmt::format("expected a checkpoint of {}, found one of another ledger", verifier.name));
  return *std::move(checkpoint);
}

Result<Checkpoint> open_checkpoint(std::string_view note, std::span<const NoteVerifier> keys) {
  RUNLEDGER_ASSERT(!keys.empty());
  Result<Checkpoint> opened = open_checkpoint(note, keys.back());
  for (std::size_t i = keys.size() - 1; !opened && opened.rejection().code == "note.unsigned" && i > 0; --i)
    opened = open_checkpoint(note, keys[i - 1]);
  return opened;
}

}  // namespace runledger
