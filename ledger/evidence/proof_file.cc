// Reads and writes proofs. A checkpoint's text has no empty line, so empty lines separate the parts of a file.
#include "ledger/evidence/proof_file.h"

#include <fmt/format.h>

#include "ledger/base/assert.h"
#include "ledger/evidence/lines.h"
#include "ledger/log/merkle.h"
#include "ledger/values/base64.h"

namespace runledger {
namespace {

constexpr std::string_view kEventLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtensionLine = "runledger/consistency-proof@v1";
constexpr std::size_t kHashesMax = 2 * 64;

Rejection malformed(std::string_view expected) {
  return reject("proof.malformed", fmt::format("expected {}, found something else", expected));
}

std::string hash_lines(const TreeProof& proof) {
  std::string lines;
  for (const Digest<32>& hash : proof) lines += format_base64(bytes_of(hash)) + "\n";
  return lines;
}

// Takes the hashes and the empty line after them off `text`.
std::optional<TreeProof> take_hashes(std::string_view& text) {
  TreeProof proof;
  while (const std::optional<std::string_view> line = take_line(text)) {
    if (line->empty()) return proof;
    const std::optional<Digest<32>> hash = parse_hash(*line);
    if (!hash || proof.size() == kHashesMax) return std::nullopt;
    proof.push_back(*hash);
  }
  return std::nullopt;
}

// Takes a line that begins with `word` and a blank off `text`, and returns the rest of it.
std::optional<std::string_view> take_member(std::string_view& text, std::string_view word) {
  const std::optional<std::string_view> line = take_line(text);
  if (!line || !line->starts_with(word) || line->size() <= word.size() || (*line)[word.size()] != ' ')
    return std::nullopt;
  return line->substr(word.size() + 1);
}

// Takes a note off `text`, which ends with its signatures before the next empty line.
std::optional<std::string_view> take_note(std::string_view& text) {
  const std::size_t body = text.find("\n\n");
  const std::size_t end = body == std::string_view::npos ? body : text.find("\n\n", body + 2);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view note = text.substr(0, end + 1);
  text.remove_prefix(end + 2);
  return note;
}

Result<Proven> check_event_proof(std::string_view text, const NoteVerifier& verifier) {
  const std::optional<std::string_view> extra = take_member(text, "extra");
  const std::optional<std::string> stored = extra ? parse_base64(*extra) : std::nullopt;
  if (!stored) return malformed("a line `extra` with the stored bytes of the event in base64");
  const std::optional<std::string_view> number = take_member(text, "index");
  const std::optional<std::uint64_t> index = number ? parse_decimal(*number) : std::nullopt;
  if (!index) return malformed("a line `index` with the position of the event");
  const std::optional<TreeProof> proof = take_hashes(text);
  if (!proof) return malformed("lines of hashes in base64 and an empty line");
  const Result<Checkpoint> checkpoint = open_checkpoint(text, verifier);
  if (!checkpoint) return checkpoint.rejection();
  if (!is_included(merkle_leaf(*stored), *index, checkpoint->tree, *proof))
    return reject("proof.wrong",
                  "expected the hashes to lead from the event to the root of the checkpoint, found that "
                  "they do not");
  return Proven(ProvenEvent{Sequence{*index + 1}, *stored, *checkpoint});
}

Result<Proven> check_extension_proof(std::string_view text, const NoteVerifier& verifier) {
  const std::optional<TreeProof> proof = take_hashes(text);
  if (!proof) return malformed("lines of hashes in base64 and an empty line");
  const std::optional<std::string_view> old_note = take_note(text);
  if (!old_note) return malformed("two checkpoints with an empty line between them");
  const Result<Checkpoint> old = open_checkpoint(*old_note, verifier);
  if (!old) return old.rejection();
  const Result<Checkpoint> checkpoint = open_checkpoint(text, verifier);
  if (!checkpoint) return checkpoint.rejection();
  if (!is_extension(old->tree, checkpoint->tree, *proof))
    return reject("proof.wrong",
                  "expected the hashes to lead from the root of the older checkpoint to that of the "
                  "newer one, found that they do not");
  return Proven(ProvenExtension{*old, *checkpoint});
}

}  // namespace

std::string event_proof_file(std::string_view stored, Sequence sequence, const TreeProof& proof,
                             std::string_view checkpoint) {
  RUNLEDGER_ASSERT(sequence.value > 0);
  return fmt::format("{}\nextra {}\nindex {}\n{}\n{}", kEventLine, format_base64(stored), sequence.value - 1,
                     hash_lines(proof), checkpoint);
}

std::string extension_proof_file(const TreeProof& proof, std::string_view old_checkpoint, std::string_view checkpoint) {
  return fmt::format("{}\n{}\n{}\n{}", kExtensionLine, hash_lines(proof), old_checkpoint, checkpoint);
}

Result<Proven> check_proof_file(std::string_view text, const NoteVerifier& verifier) {
  const std::optional<std::string_view> first = text.size() <= kProofBytesMax ? take_line(text) : std::nullopt;
  if (first == kEventLine) return check_event_proof(text, verifier);
  if (first == kExtensionLine) return check_extension_proof(text, verifier);
  return malformed(fmt::format("a first line {} or {}", kEventLine, kExtensionLine));
}

}  // namespace runledger
