// The events are read once and not kept: of each run, the tree over its events is, since the head of the scope binds
// it.
#include "ledger/evidence/scope_evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "ledger/base/assert.h"
#include "ledger/evidence/evidence_lines.h"
#include "ledger/log/merkle.h"
#include "ledger/values/base64.h"

namespace runledger {
namespace {

struct RunSoFar {
  MerkleFrontier events;
  ScopeSequence last;
};

struct ScopeSoFar {
  MerkleFrontier events;
  std::unordered_map<RunId, RunSoFar> runs;
  ScopeSequence last;
};

Rejection incomplete(const ScopeSoFar& so_far, std::string_view found) {
  return reject("proof.incomplete", fmt::format("expected the event after the first {} of the scope, found {}",
                                                so_far.events.size(), found));
}

Digest<32> root_of_runs(const ScopeSoFar& so_far) {
  std::vector<SparseEntry> entries;
  entries.reserve(so_far.runs.size());
  for (const auto& [run, its] : so_far.runs) entries.push_back(run_entry(run, head_of(its.events)));
  std::sort(entries.begin(), entries.end(), [](const SparseEntry& a, const SparseEntry& b) { return a.key < b.key; });
  std::vector<TakenPlace> places;
  for (auto from = entries.begin(), to = from; from != entries.end(); from = to) {
    const Place place = place_of(from->key);
    to = std::find_if(from, entries.end(), [place](const SparseEntry& entry) { return place_of(entry.key) != place; });
    places.push_back({place, hash_of_place({from, to})});
  }
  return sparse_root(places, SparseShape::kCompact, empty_runs);
}

// Adds events to what a file has proven if its end holds.
class EventsCheck {
 public:
  EventsCheck(ProvenScope& proven, const ScopeEvidenceChecks& checks) : proven_(proven), checks_(checks) {}

  [[nodiscard]] std::optional<Rejection> add(std::string_view line) {
    const Result<EvidenceEvent> event = parse_event_line(line);
    if (!event) return event.rejection();
    const Envelope& envelope = event->envelope;
    if (auto refused = refuse_elsewhere(envelope)) return refused;
    const Digest<32> leaf = merkle_leaf(event->stored);
    RunSoFar& run = so_far_.runs[envelope.run];
    run.events.append_hash(leaf);
    run.last = envelope.scope_sequence;
    so_far_.events.append_hash(leaf);
    if (so_far_.events.size() == 1) proven_.first_at = envelope.recorded_at;
    if (envelope.scope_sequence != so_far_.last.next()) ++proven_.restored;
    so_far_.last = envelope.scope_sequence;
    proven_.last_at = envelope.recorded_at;
    if (checks_.visit) checks_.visit(envelope, event->stored);
    return refuse_other_beginning();
  }

  [[nodiscard]] const ScopeSoFar& so_far() const { return so_far_; }

 private:
  [[nodiscard]] std::optional<Rejection> refuse_elsewhere(const Envelope& envelope) const {
    if (envelope.scope != proven_.scope) return incomplete(so_far_, "one of another scope");
    if (envelope.scope_sequence <= so_far_.last) return incomplete(so_far_, "one with a number that was there before");
    const auto run = so_far_.runs.find(envelope.run);
    const bool is_first = run == so_far_.runs.end();
    const RunVersion version{is_first ? 0 : static_cast<std::uint32_t>(run->second.events.size())};
    if (follows_in_run(envelope, version, is_first ? ScopeSequence{} : run->second.last)) return std::nullopt;
    return incomplete(so_far_, "one that does not follow those of its run");
  }

  // Once as many events were read as the earlier file had.
  [[nodiscard]] std::optional<Rejection> refuse_other_beginning() const {
    if (!checks_.earlier || so_far_.events.size() != checks_.earlier->events.size) return std::nullopt;
    if (head_of(so_far_.events) == checks_.earlier->events) return std::nullopt;
    return reject("proof.not_extended",
                  fmt::format("expected the first {} events to be those of the earlier file, found others",
                              checks_.earlier->events.size));
  }

  ProvenScope& proven_;
  const ScopeEvidenceChecks& checks_;
  ScopeSoFar so_far_;
};

std::optional<Rejection> refuse_other_scope(const ProvenScope& proven, const std::optional<ProvenScope>& earlier) {
  if (!earlier || (earlier->scope == proven.scope && earlier->origin == proven.origin)) return std::nullopt;
  return reject("proof.other_scope", "expected the earlier file to be of the same scope and ledger, found another");
}

std::optional<Rejection> refuse_shorter(const ProvenScope& proven, const std::optional<ProvenScope>& earlier) {
  if (!earlier || earlier->events.size <= proven.events.size) return std::nullopt;
  return reject("proof.not_extended", fmt::format("expected at least the {} events of the earlier file, found {}",
                                                  earlier->events.size, proven.events.size));
}

// Reads what comes after the events.
Result<ProvenScope> check_end(EvidenceLines& lines, ProvenScope proven, const ScopeSoFar& so_far,
                              std::span<const NoteVerifier> keys) {
  const Result<EvidenceTail> tail = lines.take_tail(keys);
  if (!tail) return tail.rejection();
  proven.note = tail->note;
  proven.events = head_of(so_far.events);
  proven.runs = so_far.runs.size();
  if (!tail->leads_from(proven.scope, {hash_of_head(proven.events), root_of_runs(so_far)})) return wrong_evidence();
  return proven;
}

}  // namespace

std::string evidence_start(const ScopeEvidence& evidence) {
  return fmt::format("{}\n{}events {}\n", kScopeEvidenceLine, scope_lines(evidence.scope),
                     evidence.included.events.size);
}

std::string evidence_event(std::string_view stored) {
  return fmt::format("extra {}\n", format_base64(stored));
}

std::string evidence_end(const ScopeEvidence& evidence) {
  RUNLEDGER_ASSERT(evidence.included.proof.siblings.size() == kPlaceBits);
  return fmt::format("\nnonce {}\n{}{}", format_base64(bytes_of(evidence.included.nonce)),
                     proof_lines(evidence.included.proof), evidence.note);
}

Result<ProvenScope> check_scope_evidence(const NextLine& next, std::span<const NoteVerifier> keys,
                                         const ScopeEvidenceChecks& checks) {
  RUNLEDGER_ASSERT(!keys.empty());
  EvidenceLines lines(next);
  if (!lines.take_exactly(kScopeEvidenceLine))
    return malformed_evidence(fmt::format("a first line {}", kScopeEvidenceLine));
  const Result<Scope> scope = lines.take_scope();
  if (!scope) return scope.rejection();
  const Result<std::uint64_t> count = lines.take_number("events");
  if (!count) return count.rejection();
  if (*count == 0) return malformed_evidence("at least one event");
  ProvenScope proven{
      .scope = *scope, .events = {}, .first_at = {}, .last_at = {}, .origin = keys.back().name, .note = {}};
  if (auto refused = refuse_other_scope(proven, checks.earlier)) return *std::move(refused);
  EventsCheck events(proven, checks);
  for (; lines.line() && !lines.line()->empty(); lines.take()) {
    if (events.so_far().events.size() == *count)
      return reject("proof.incomplete", fmt::format("expected {} events, found more", *count));
    if (auto refused = events.add(*lines.line())) return *std::move(refused);
  }
  if (events.so_far().events.size() != *count)
    return reject("proof.incomplete",
                  fmt::format("expected {} events, found {}", *count, events.so_far().events.size()));
  Result<ProvenScope> checked = check_end(lines, proven, events.so_far(), keys);
  if (!checked) return checked;
  if (auto refused = refuse_shorter(*checked, checks.earlier)) return *std::move(refused);
  return checked;
}

}  // namespace runledger
