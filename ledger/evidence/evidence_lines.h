// The lines that files of evidence of a scope and of a run share (ledger/evidence/scope_evidence.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/evidence/lines.h"
#include "ledger/evidence/scopes_note.h"
#include "ledger/log/scope_head.h"
#include "ledger/rules/event.h"

namespace runledger {

[[nodiscard]] Rejection malformed_evidence(std::string_view expected);

// The lines that name a scope, and those of a proof with the empty line after it.
[[nodiscard]] std::string scope_lines(const Scope& scope);
[[nodiscard]] std::string proof_lines(const SparseProof& proof);

// What comes last in a file.
struct EvidenceTail {
  Digest<32> nonce;
  SparseProof proof;  // With kPlaceBits siblings.
  ScopesNote note;

  // Whether the proof leads from this head of a scope to the root in the note.
  [[nodiscard]] bool leads_from(const Scope& scope, const ScopeHead& head) const;
};

// Refuses events or hashes that do not lead to the root in the note.
[[nodiscard]] Rejection wrong_evidence();

// Reads a file line by line.
class EvidenceLines {
 public:
  // `next` is not owned. Takes the first line.
  explicit EvidenceLines(const NextLine& next) : next_(next) { take(); }

  // The line that comes next; nullopt at the end.
  [[nodiscard]] const std::optional<std::string_view>& line() const { return line_; }
  // Goes on to the line after it.
  void take() { line_ = next_(); }
  // Returns whether it is `expected`, and then goes on.
  [[nodiscard]] bool take_exactly(std::string_view expected);

  // Return what the next line has after `word`, or the parts that follow, and go on. Code "proof.malformed".
  [[nodiscard]] Result<Scope> take_scope();
  [[nodiscard]] Result<std::uint64_t> take_number(std::string_view word);
  [[nodiscard]] Result<Digest<32>> take_digest(std::string_view word);
  [[nodiscard]] Result<SparseProof> take_proof();
  // Returns everything that is left after an empty line. Refuses as open_scopes_note() does as well.
  [[nodiscard]] Result<EvidenceTail> take_tail(std::span<const NoteVerifier> keys);

 private:
  [[nodiscard]] Result<std::string> take_note();

  const NextLine& next_;
  std::optional<std::string_view> line_;
};

// The stored bytes in a line `extra`, and the event in them. Code "proof.malformed".
struct EvidenceEvent {
  std::string stored;
  Envelope envelope;  // Its sequence is its number in the scope.
};
[[nodiscard]] Result<EvidenceEvent> parse_event_line(std::string_view line);

// Whether `event` is the event of its run that comes after the one numbered `before`, which was number `version` of the
// run; both are zero for the first.
[[nodiscard]] bool follows_in_run(const Envelope& event, RunVersion version, ScopeSequence before);

}  // namespace runledger
