// A cosignature has the time, 8 bytes big-endian, and the signature of a header, the time and the checkpoint's text.
#include "ledger/evidence/cosignature.h"

#include <fmt/format.h>

#include <limits>
#include <set>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/base/big_endian.h"
#include "ledger/evidence/note_parts.h"
#include "ledger/values/base64.h"

namespace runledger {
namespace {

constexpr std::size_t kTimeBytes = 8;
constexpr std::uint64_t kTimeMax = std::numeric_limits<std::int64_t>::max();

struct NoteParts {
  std::string_view text;        // With the newline at its end.
  std::string_view signatures;  // After the empty line.
};

NoteParts parts_of(std::string_view note) {
  const std::size_t end = note.rfind("\n\n");
  RUNLEDGER_ASSERT(end != std::string_view::npos);
  return {note.substr(0, end + 1), note.substr(end + 2)};
}

}  // namespace

std::string WitnessKey::format() const {
  return format_key(name, key_id(name, SignatureKind::kCosignature, key), SignatureKind::kCosignature,
                    view_of(key.bytes));
}

Result<WitnessKey> WitnessKey::parse(std::string_view text) {
  if (const std::optional<KeyText> parsed = parse_key(text)) {
    WitnessKey witness{parsed->name, {parsed->bytes}};
    if (witness.format() == text) return witness;
  }
  return reject("witness.invalid", "expected the verifier key of a witness: NAME+ID+KEY, for cosignatures");
}

std::optional<Cosignature> find_cosignature(std::string_view note, std::string_view lines, const WitnessKey& witness) {
  const std::optional<std::vector<NoteSignature>> signatures = parse_signatures(lines);
  if (!signatures) return std::nullopt;
  const std::string_view text = parts_of(note).text;
  const std::string id = key_id(witness.name, SignatureKind::kCosignature, witness.key);
  for (const NoteSignature& each : *signatures) {
    if (each.name != witness.name || !each.bytes.starts_with(id) || each.bytes.size() <= id.size() + kTimeBytes)
      continue;
    const std::uint64_t time = load_big_endian_64(each.bytes.data() + id.size());
    const std::string signed_text = fmt::format("cosignature/v1\ntime {}\n{}", time, text);
    if (time <= kTimeMax && witness.key.verifies(signed_text, each.bytes.substr(id.size() + kTimeBytes)))
      return Cosignature{std::string(each.line), time};
  }
  return std::nullopt;
}

std::string_view cosignatures_of(std::string_view note) {
  const std::string_view signatures = parts_of(note).signatures;
  return signatures.substr(signatures.find('\n') + 1);
}

std::string with_cosignatures(std::string_view note, std::string_view lines) {
  const std::string_view before = cosignatures_of(note);
  std::string merged(note.substr(0, note.size() - before.size()));
  std::set<std::pair<std::string_view, std::string>> keys;  // By name and id.
  for (const std::string_view from : {lines, before}) {
    const std::optional<std::vector<NoteSignature>> signatures = parse_signatures(from);
    if (!signatures) continue;
    for (const NoteSignature& each : *signatures) {
      if (keys.size() == kSignaturesMax - 1) return merged;
      if (keys.emplace(each.name, each.bytes.substr(0, kKeyIdBytes)).second) merged += each.line;
    }
  }
  return merged;
}

std::string add_checkpoint_body(std::uint64_t old_size, const TreeProof& proof, std::string_view note) {
  std::string body = fmt::format("old {}\n", old_size);
  for (const Digest<32>& hash : proof) body += format_base64(bytes_of(hash)) + "\n";
  return body + "\n" + std::string(note);
}

}  // namespace runledger
