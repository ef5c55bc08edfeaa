// Scans the log, or the index of a workspace or a scope, and skips the events that do not match the filter.
#include "projections/reader/event_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "ledger/log/codec.h"
#include "ledger/log/decision_states.h"
#include "ledger/log/workspace_index.h"

namespace runledger {
namespace {

constexpr std::size_t kEventsPerIndexRead = 64;

// The filter of a query, applied to one event after the other.
class Matcher {
 public:
  Matcher(const EventLog& log, const EventFilter& filter) : log_(log), filter_(filter) {}

  bool shows(const Envelope& envelope) {
    return (!filter_.run || envelope.run == *filter_.run) &&
           (!filter_.tenant || envelope.scope.tenant == filter_.tenant) &&
           (!filter_.kind || kind_name(envelope.event) == *filter_.kind) && (!filter_.type || is_of_type(envelope.run));
  }

 private:
  // Only the first event of a run tells its type. It is read once for each run of a page.
  bool is_of_type(RunId run) {
    const auto [entry, added] = known_.try_emplace(run, false);
    if (added) {
      const std::vector<Envelope> first = log_.read_run(run, log_.last(), RunVersion{}, 1);
      const auto* requested = first.empty() ? nullptr : std::get_if<Requested>(&first.front().event);
      entry->second = requested != nullptr && requested->type == *filter_.type;
    }
    return entry->second;
  }

  const EventLog& log_;
  const EventFilter& filter_;
  std::unordered_map<RunId, bool> known_;
};

// A page while it is being filled.
class Filling {
 public:
  explicit Filling(const EventQuery& query) : query_(query) { page_.next = query.after; }

  [[nodiscard]] bool full() const {
    return page_.events.size() >= query_.count_max || bytes_ >= kBytesPerEventPage ||
           scanned_ >= kEventsScannedPerPage || page_.next >= query_.to;
  }
  void pass(Sequence position) {
    page_.next = position;
    ++scanned_;
  }
  void add(Envelope envelope, std::string_view stored) {
    bytes_ += stored.size();
    page_.events.push_back({std::move(envelope), event_id(stored)});
  }
  [[nodiscard]] EventPage take() { return std::move(page_); }
  [[nodiscard]] Sequence position() const { return page_.next; }

 private:
  const EventQuery& query_;
  EventPage page_;
  std::size_t bytes_ = 0;
  std::size_t scanned_ = 0;
};

}  // namespace

Rejection position_ahead(std::uint64_t asked, std::uint64_t end) {
  return reject("position.ahead",
                fmt::format("expected a position up to the end of the log, which is {}, found {}", end, asked));
}

EventPage read_events(const EventLog& log, const EventQuery& query) {
  Filling page(query);
  const Sequence to = std::min(query.to, log.last());
  if (query.after >= to) return page.take();
  Matcher matcher(log, query.filter);
  log.scan(query.after, to, [&](const Envelope& envelope, std::string_view stored) {
    page.pass(envelope.sequence);
    if (matcher.shows(envelope)) page.add(envelope, stored);
    return page.full() ? Scan::kStop : Scan::kContinue;
  });
  return page.take();
}

EventPage read_workspace_events(const EventLog& log, const Workspace& workspace, const EventQuery& query) {
  Filling page(query);
  if (query.after >= query.to) return page.take();
  Matcher matcher(log, query.filter);
  WorkspaceIndex(log.store())
      .scan(workspace, WorkspaceSequence{query.after.value}, log.last(),
            [&](WorkspaceSequence number, const Envelope& envelope, std::string_view stored) {
              page.pass(Sequence{number.value});
              if (matcher.shows(envelope)) {
                Envelope shown = envelope;
                shown.sequence = Sequence{number.value};
                page.add(std::move(shown), stored);
              }
              return !page.full();
            });
  return page.take();
}

EventPage read_scope_events(const EventLog& log, const Scope& scope, const EventQuery& query) {
  Filling page(query);
  // There is nothing past the end of the scope, whatever `after` is. The check also keeps the position after it from
  // overflowing.
  const ScopeSequence last = DecisionStates(log.store()).load_scope(scope);
  Matcher matcher(log, query.filter);
  while (!page.full() && page.position().value < last.value) {
    const std::size_t most = std::min(
        {kEventsPerIndexRead, query.count_max, static_cast<std::size_t>(query.to.value - page.position().value)});
    std::vector<Envelope> events = log.read_scope(scope, ScopeSequence{page.position().value}, most);
    if (events.empty()) break;
    for (Envelope& envelope : events) {
      if (page.full()) break;
      // A restoration moves the numbers on, so the next one may be after the last that was asked for.
      if (envelope.scope_sequence.value > query.to.value) {
        page.pass(query.to);
        break;
      }
      page.pass(Sequence{envelope.scope_sequence.value});
      if (!matcher.shows(envelope)) continue;
      const std::string stored = encode(envelope);
      envelope.sequence = Sequence{envelope.scope_sequence.value};
      page.add(std::move(envelope), stored);
    }
  }
  return page.take();
}

}  // namespace runledger
