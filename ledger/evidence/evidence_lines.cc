// Names, numbers and digests are written again and compared, or read by functions that do so.
#include "ledger/evidence/evidence_lines.h"

#include <fmt/format.h>

#include "ledger/base/failure.h"
#include "ledger/evidence/lines.h"
#include "ledger/log/codec.h"
#include "ledger/values/base64.h"

namespace runledger {

// Names were checked when the events were recorded; a stricter rule of a later version must not refuse old evidence.
class EvidenceCodec {
 public:
  template <class NameType>
  static std::optional<NameType> name_in(const std::optional<std::string_view>& line, std::string_view word) {
    const Result<NameType> name = restore_name<NameType>(member_in(line.value_or(""), word).value_or(""), FromLog());
    return name ? std::optional(*name) : std::nullopt;
  }
};

namespace {

constexpr std::size_t kBesideMax = 1000;

std::optional<SparseEntry> parse_beside(std::string_view text) {
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const std::optional<Digest<32>> key = parse_hash(text.substr(0, blank));
  const std::optional<Digest<32>> value = parse_hash(text.substr(blank + 1));
  if (!key || !value) return std::nullopt;
  return SparseEntry{*key, *value};
}

}  // namespace

Rejection malformed_evidence(std::string_view expected) {
  return reject("proof.malformed", fmt::format("expected {}, found something else", expected));
}

std::string scope_lines(const Scope& scope) {
  std::string lines = fmt::format("workspace {}\n", scope.workspace.str());
  if (scope.tenant) lines += fmt::format("tenant {}\n", scope.tenant->str());
  return lines;
}

std::string proof_lines(const SparseProof& proof) {
  std::string lines;
  for (const SparseEntry& entry : proof.beside)
    lines += fmt::format("beside {} {}\n", format_base64(bytes_of(entry.key)), format_base64(bytes_of(entry.value)));
  for (const Digest<32>& hash : proof.siblings) lines += format_base64(bytes_of(hash)) + "\n";
  return lines += "\n";
}

bool EvidenceLines::take_exactly(std::string_view expected) {
  if (line_ != expected) return false;
  take();
  return true;
}

Result<Scope> EvidenceLines::take_scope() {
  const auto workspace = EvidenceCodec::name_in<Workspace>(line_, "workspace");
  if (!workspace) return malformed_evidence("a line `workspace` with the name of a workspace");
  Scope scope{.workspace = *workspace, .tenant = {}};
  take();
  if (!line_ || !line_->starts_with("tenant ")) return scope;
  scope.tenant = EvidenceCodec::name_in<Tenant>(line_, "tenant");
  if (!scope.tenant) return malformed_evidence("a line `tenant` with the name of a tenant");
  take();
  return scope;
}

Result<std::uint64_t> EvidenceLines::take_number(std::string_view word) {
  const std::optional<std::uint64_t> number = parse_decimal(member_in(line_.value_or(""), word).value_or(""));
  if (!number) return malformed_evidence(fmt::format("a line `{}` with a number", word));
  take();
  return *number;
}

Result<Digest<32>> EvidenceLines::take_digest(std::string_view word) {
  const std::optional<Digest<32>> digest = parse_hash(member_in(line_.value_or(""), word).value_or(""));
  if (!digest) return malformed_evidence(fmt::format("a line `{}` with a digest in base64", word));
  take();
  return *digest;
}

Result<SparseProof> EvidenceLines::take_proof() {
  SparseProof proof;
  for (; line_ && line_->starts_with("beside "); take()) {
    const std::optional<SparseEntry> entry = parse_beside(member_in(*line_, "beside").value_or(""));
    if (!entry || proof.beside.size() == kBesideMax)
      return malformed_evidence("lines `beside` with two digests in base64");
    proof.beside.push_back(*entry);
  }
  for (; line_ && !line_->empty(); take()) {
    const std::optional<Digest<32>> hash = parse_hash(*line_);
    if (!hash || proof.siblings.size() == kPlaceBits) return malformed_evidence("up to 32 lines of hashes in base64");
    proof.siblings.push_back(*hash);
  }
  if (!take_exactly("")) return malformed_evidence("an empty line after the hashes");
  return proof;
}

Result<std::string> EvidenceLines::take_note() {
  std::string note;
  for (; line_; take()) {
    note.append(*line_).append("\n");
    if (note.size() > kNoteBytesMax) return malformed_evidence("a signed note at the end");
  }
  return note;
}

Result<EvidenceTail> EvidenceLines::take_tail(std::span<const NoteVerifier> keys) {
  if (!take_exactly("")) return malformed_evidence("an empty line before the nonce");
  const Result<Digest<32>> nonce = take_digest("nonce");
  if (!nonce) return nonce.rejection();
  Result<SparseProof> proof = take_proof();
  if (!proof) return proof.rejection();
  if (proof->siblings.size() != kPlaceBits) return malformed_evidence("32 lines of hashes");
  const Result<std::string> text = take_note();
  if (!text) return text.rejection();
  const Result<ScopesNote> note = open_scopes_note(*text, keys);
  if (!note) return note.rejection();
  return EvidenceTail{*nonce, *std::move(proof), *note};
}

bool EvidenceTail::leads_from(const Scope& scope, const ScopeHead& head) const {
  return sparse_root(scope_entry(scope_key(note.salt, scope), head, nonce), proof) == note.root;
}

Rejection wrong_evidence() {
  return reject("proof.wrong",
                "expected the events and hashes to lead to the root in the note, found that they do not: an event is "
                "missing, added or changed");
}

Result<EvidenceEvent> parse_event_line(std::string_view line) {
  const std::optional<std::string_view> text = member_in(line, "extra");
  std::optional<std::string> stored = text ? parse_base64(*text) : std::nullopt;
  if (!stored) return malformed_evidence("a line `extra` with the stored bytes of an event in base64");
  try {
    Envelope envelope = decode(Sequence{}, *stored);
    envelope.sequence = Sequence{envelope.scope_sequence.value};
    return EvidenceEvent{*std::move(stored), std::move(envelope)};
  } catch (const Failure& failure) {  // The bytes are of no event, or of one that only a newer version knows.
    return reject("proof.malformed", failure.what());
  }
}

bool follows_in_run(const Envelope& event, RunVersion version, ScopeSequence before) {
  return event.run_version == version.next() && event.previous == before;
}

}  // namespace runledger
