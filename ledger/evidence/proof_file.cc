// Reads and writes proofs. A checkpoint's text has no empty line, so empty lines separate the parts of a file.
#include "ledger/evidence/proof_file.h"

#include <fmt/format.h>

#include "ledger/base/assert.h"
#include "ledger/base/failure.h"
#include "ledger/evidence/lines.h"
#include "ledger/log/codec.h"
#include "ledger/log/merkle.h"
#include "ledger/values/base64.h"

namespace runledger {
namespace {

constexpr std::string_view kEventLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtensionLine = "runledger/consistency-proof@v1";
constexpr std::string_view kRunLine = "runledger/run-proof@v1";
constexpr std::string_view kStored = "extra";  // The words before an event's bytes and place, as C2SP has them.
constexpr std::string_view kIndex = "index";
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

// Takes a note off `text`, which ends with its signatures before the next empty line.
std::optional<std::string_view> take_note(std::string_view& text) {
  const std::size_t body = text.find("\n\n");
  const std::size_t end = body == std::string_view::npos ? body : text.find("\n\n", body + 2);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view note = text.substr(0, end + 1);
  text.remove_prefix(end + 2);
  return note;
}

std::string included_event(const IncludedEvent& event) {
  RUNLEDGER_ASSERT(event.sequence.value > 0);
  return fmt::format("{} {}\n{} {}\n{}\n", kStored, format_base64(event.stored), kIndex, event.sequence.value - 1,
                     hash_lines(event.proof));
}

// Takes an event and the empty line after it off `text`.
Result<IncludedEvent> take_event(std::string_view& text) {
  const std::optional<std::string_view> extra = take_member(text, kStored);
  std::optional<std::string> stored = extra ? parse_base64(*extra) : std::nullopt;
  if (!stored) return malformed("a line `extra` with the stored bytes of the event in base64");
  const std::optional<std::string_view> number = take_member(text, kIndex);
  const std::optional<std::uint64_t> index = number ? parse_decimal(*number) : std::nullopt;
  if (!index) return malformed("a line `index` with the position of the event");
  std::optional<TreeProof> proof = take_hashes(text);
  if (!proof) return malformed("lines of hashes in base64 and an empty line");
  return IncludedEvent{Sequence{*index + 1}, *std::move(stored), *std::move(proof)};
}

std::optional<Rejection> refuse_elsewhere(const IncludedEvent& event, const TreeHead& tree) {
  if (is_included(merkle_leaf(event.stored), event.sequence.value - 1, tree, event.proof)) return std::nullopt;
  return reject("proof.wrong",
                "expected the hashes to lead from the event to the root of the checkpoint, found that they do not");
}

Result<Proven> check_event_proof(std::string_view text, std::span<const NoteVerifier> keys) {
  Result<IncludedEvent> event = take_event(text);
  if (!event) return event.rejection();
  const Result<Checkpoint> checkpoint = open_checkpoint(text, keys);
  if (!checkpoint) return checkpoint.rejection();
  if (auto refused = refuse_elsewhere(*event, checkpoint->tree)) return *std::move(refused);
  return Proven(ProvenEvent{event->sequence, std::move(event->stored), *checkpoint});
}

// Whether `event` is the event of the run that comes after `before`, or its first one.
bool continues_run(RunId run, const std::optional<Envelope>& before, const Envelope& event) {
  if (event.run != run) return false;
  if (!before) return event.run_version.value == 1 && event.previous == ScopeSequence{};
  return event.run_version == before->run_version.next() && event.previous == before->scope_sequence &&
         event.scope == before->scope && event.sequence > before->sequence;
}

Result<Envelope> decode_proven(const IncludedEvent& event) {
  try {
    return decode(event.sequence, event.stored);
  } catch (const Failure& failure) {  // The bytes are of no event, or of one that only a newer version knows.
    return reject("proof.malformed", failure.what());
  }
}

Result<Proven> check_run_proof(std::string_view text, std::span<const NoteVerifier> keys) {
  const std::optional<std::string_view> name = take_member(text, "run");
  const Result<Uuid> id = parse_uuid(name.value_or(""), "run");
  if (!id || format_uuid(*id) != *name) return malformed("a line `run` with the id of the run");
  std::vector<IncludedEvent> included;
  // The checkpoint begins with an origin, which has no blank.
  do {
    Result<IncludedEvent> event = take_event(text);
    if (!event) return event.rejection();
    included.push_back(*std::move(event));
  } while (text.starts_with(fmt::format("{} ", kStored)));
  const Result<Checkpoint> checkpoint = open_checkpoint(text, keys);
  if (!checkpoint) return checkpoint.rejection();
  ProvenRun proven{RunId{*id}, {}, *checkpoint};
  for (const IncludedEvent& event : included) {
    if (auto refused = refuse_elsewhere(event, checkpoint->tree)) return *std::move(refused);
    Result<Envelope> envelope = decode_proven(event);
    if (!envelope) return envelope.rejection();
    const std::optional<Envelope> before = proven.events.empty() ? std::nullopt : std::optional(proven.events.back());
    if (!continues_run(proven.run, before, *envelope))
      return reject("proof.incomplete", fmt::format("expected the event of version {} of run {}, found another one",
                                                    proven.events.size() + 1, format_uuid(proven.run.value)));
    proven.events.push_back(*std::move(envelope));
  }
  return Proven(std::move(proven));
}

Result<Proven> check_extension_proof(std::string_view text, std::span<const NoteVerifier> keys) {
  const std::optional<TreeProof> proof = take_hashes(text);
  if (!proof) return malformed("lines of hashes in base64 and an empty line");
  const std::optional<std::string_view> old_note = take_note(text);
  if (!old_note) return malformed("two checkpoints with an empty line between them");
  const Result<Checkpoint> old = open_checkpoint(*old_note, keys);
  if (!old) return old.rejection();
  const Result<Checkpoint> checkpoint = open_checkpoint(text, keys);
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
  return fmt::format("{}\n{}{}", kEventLine, included_event({sequence, std::string(stored), proof}), checkpoint);
}

std::string run_proof_file(RunId run, const std::vector<IncludedEvent>& events, std::string_view checkpoint) {
  RUNLEDGER_ASSERT(!events.empty());
  std::string text = fmt::format("{}\nrun {}\n", kRunLine, format_uuid(run.value));
  for (const IncludedEvent& event : events) text += included_event(event);
  return text.append(checkpoint);
}

std::string extension_proof_file(const TreeProof& proof, std::string_view old_checkpoint, std::string_view checkpoint) {
  return fmt::format("{}\n{}\n{}\n{}", kExtensionLine, hash_lines(proof), old_checkpoint, checkpoint);
}

Result<Proven> check_proof_file(std::string_view text, std::span<const NoteVerifier> keys) {
  const std::optional<std::string_view> first = text.size() <= kProofBytesMax ? take_line(text) : std::nullopt;
  if (first == kEventLine) return check_event_proof(text, keys);
  if (first == kExtensionLine) return check_extension_proof(text, keys);
  if (first == kRunLine) return check_run_proof(text, keys);
  return malformed(fmt::format("a first line {}, {} or {}", kEventLine, kRunLine, kExtensionLine));
}

}  // namespace runledger
