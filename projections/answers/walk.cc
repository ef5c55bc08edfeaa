// Times of recording never go back in the log, so a range of them is a range of positions.
#include "projections/answers/walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "projections/rows/list_cursor.h"

namespace runledger {
namespace {

constexpr std::uint64_t kEventsPerChunk = 64;

// The last event that was recorded before `time`.
Sequence last_before(const EventLog& log, Time time) {
  return time.unix_us <= 0 ? Sequence{} : log.as_of(Time{time.unix_us - 1});
}

}  // namespace

Walked walk_events(const Answerer& from, const row_index::RowUnion& entries, const WalkOptions& options,
                   const std::function<Step(const Envelope&)>& visit) {
  const EventLog& log = from.ledger.log();
  const Sequence after = options.since ? last_before(log, *options.since) : Sequence{};
  Sequence before = options.before;
  if (options.until) before = std::min(before, last_before(log, *options.until).next());
  Walked walked;
  std::size_t taken = 0;
  from.rows.visit_events(entries, before, [&](Sequence position, RunId) {
    if (position <= after) return Scan::kStop;
    const std::optional<Envelope> envelope = log.find(position);
    if (!envelope) return Scan::kContinue;  // The entry is damaged, which verify reports.
    if (taken == options.taken_max || walked.scanned == options.scanned_max) {
      walked.next_before = position.next();
      walked.reached = envelope->recorded_at;
      return Scan::kStop;
    }
    ++walked.scanned;
    if (visit(*envelope) == Step::kTaken) ++taken;
    return Scan::kContinue;
  });
  return walked;
}

// Events are read forwards, so the walk goes back in chunks.
Walked walk_back(const Answerer& from, const WalkOptions& options, const std::function<Step(const Envelope&)>& visit) {
  const EventLog& log = from.ledger.log();
  const Asker& asker = from.asker;
  const Sequence after = options.since ? asker.count_at(last_before(log, *options.since)) : Sequence{};
  Sequence at = asker.count_at(options.until ? last_before(log, *options.until) : log.last());
  if (at >= options.before) at = Sequence{options.before.value - 1};
  Walked walked;
  std::size_t taken = 0;
  for (at = asker.last_at(at); at > after; at = asker.last_at(at)) {
    const Sequence from_here{std::max(after.value, at.value - std::min(at.value, kEventsPerChunk))};
    std::vector<Envelope> events =
        asker.events ? asker.events(from_here, at) : log.read(from_here, at.value - from_here.value);
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      if (taken == options.taken_max || walked.scanned == options.scanned_max) {
        walked.next_before = event->sequence.next();
        walked.reached = event->recorded_at;
        return walked;
      }
      ++walked.scanned;
      if (visit(*event) == Step::kTaken) ++taken;
    }
    at = from_here;
  }
  return walked;
}

Sequence need_cursor(const Answerer& from, const Parameters& parameters, const std::string& what) {
  const std::string* cursor = parameters.find("cursor");
  if (cursor == nullptr || cursor->empty()) return Sequence{~std::uint64_t{0}};
  const std::optional<Sequence> opened = open_question_cursor(from.ledger.identity_key(), what, *cursor);
  if (!opened) refuse("cursor.invalid", "expected a cursor that this question gave out, with the same parameters");
  return *opened;
}

std::optional<std::string> next_cursor(const Answerer& from, const Walked& walked, const std::string& what) {
  if (!walked.next_before) return std::nullopt;
  return seal_question_cursor(from.ledger.identity_key(), what, *walked.next_before);
}

std::string cursor_binding(std::string_view about, const RunFilter& narrowed, const Parameters& parameters) {
  std::string text(about);
  const auto add = [&text](std::string_view part) {
    fmt::format_to(std::back_inserter(text), ",{}:{}", part.size(), part);
  };
  add(narrowed.workspace ? narrowed.workspace->str() : "");
  add(narrowed.tenant ? narrowed.tenant->str() : "");
  for (const auto& [name, value] : parameters.pairs()) {
    if (name == "limit" || name == "cursor") continue;
    add(name);
    add(value);
  }
  return text;
}

}  // namespace runledger
