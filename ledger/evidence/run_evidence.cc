// The head of the run leads to the root of the scope's runs, and the head of the scope, of which that root is a part,
// to the root in the note.
#include "ledger/evidence/run_evidence.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/base/assert.h"
#include "ledger/evidence/evidence_lines.h"
#include "ledger/log/merkle.h"
#include "ledger/values/base64.h"

namespace runledger {
namespace {

constexpr std::string_view kScopeEvents = "scope-events";

struct EventsOfRun {
  MerkleFrontier tree;
  std::vector<Envelope> events;
};

Result<RunId> take_run(EvidenceLines& lines) {
  const std::string_view line = lines.line().value_or("");
  const Result<Uuid> id = parse_uuid(line.substr(std::min<std::size_t>(line.size(), 4)), "run");
  if (!id || line != "run " + format_uuid(*id)) return malformed_evidence("a line `run` with the id of the run");
  lines.take();
  return RunId{*id};
}

std::optional<Rejection> add_event(std::string_view line, RunId run, const Scope& scope, EventsOfRun& so_far) {
  const Result<EvidenceEvent> event = parse_event_line(line);
  if (!event) return event.rejection();
  const Envelope& envelope = event->envelope;
  const ScopeSequence before = so_far.events.empty() ? ScopeSequence{} : so_far.events.back().scope_sequence;
  const RunVersion version{static_cast<std::uint32_t>(so_far.events.size())};
  if (envelope.run != run || envelope.scope != scope || !follows_in_run(envelope, version, before))
    return reject("proof.incomplete", fmt::format("expected the event of version {} of run {}, found another one",
                                                  version.value + 1, format_uuid(run.value)));
  so_far.tree.append(event->stored);
  so_far.events.push_back(envelope);
  return std::nullopt;
}

// Reads the events and the empty line after them.
Result<EventsOfRun> take_events(EvidenceLines& lines, RunId run, const Scope& scope) {
  const Result<std::uint64_t> count = lines.take_number("events");
  if (!count) return count.rejection();
  EventsOfRun so_far;
  for (; lines.line() && !lines.line()->empty(); lines.take()) {
    if (auto refused = add_event(*lines.line(), run, scope, so_far)) return *std::move(refused);
  }
  if (so_far.events.empty() || so_far.events.size() != *count)
    return reject("proof.incomplete", fmt::format("expected {} events, found {}", *count, so_far.events.size()));
  if (!lines.take_exactly("")) return malformed_evidence("an empty line after the events");
  return so_far;
}

}  // namespace

std::string run_evidence_file(const RunEvidence& evidence) {
  RUNLEDGER_ASSERT(evidence.stored.size() == evidence.included.events.size);
  std::string text = fmt::format("{}\n{}run {}\nevents {}\n", kRunEvidenceLine, scope_lines(evidence.scope.scope),
                                 format_uuid(evidence.run.value), evidence.stored.size());
  for (const std::string& stored : evidence.stored) text += evidence_event(stored);
  const Digest<32> scope_events = hash_of_head(evidence.scope.included.events);
  return text + "\n" + proof_lines(evidence.included.proof) +
         fmt::format("{} {}\n", kScopeEvents, format_base64(bytes_of(scope_events))) + evidence_end(evidence.scope);
}

Result<ProvenWholeRun> check_run_evidence(std::string_view text, std::span<const NoteVerifier> keys) {
  RUNLEDGER_ASSERT(!keys.empty());
  const NextLine next = lines_of_text(text);
  EvidenceLines lines(next);
  if (!lines.take_exactly(kRunEvidenceLine))
    return malformed_evidence(fmt::format("a first line {}", kRunEvidenceLine));
  const Result<Scope> scope = lines.take_scope();
  if (!scope) return scope.rejection();
  const Result<RunId> run = take_run(lines);
  if (!run) return run.rejection();
  Result<EventsOfRun> events = take_events(lines, *run, *scope);
  if (!events) return events.rejection();
  const Result<SparseProof> in_runs = lines.take_proof();
  if (!in_runs) return in_runs.rejection();
  const Result<Digest<32>> scope_events = lines.take_digest(kScopeEvents);
  if (!scope_events) return scope_events.rejection();
  const Result<EvidenceTail> tail = lines.take_tail(keys);
  if (!tail) return tail.rejection();
  const auto runs = sparse_root(run_entry(*run, head_of(events->tree)), *in_runs);
  if (!runs || !tail->leads_from(*scope, {*scope_events, *runs})) return wrong_evidence();
  return ProvenWholeRun{*run, *scope, std::move(events->events), keys.back().name, tail->note};
}

}  // namespace runledger
