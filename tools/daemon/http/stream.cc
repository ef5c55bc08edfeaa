// Reads a stream one page at a time, so that a slow reader costs the memory of one page.
#include "tools/daemon/http/stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <iterator>

#include "ledger/base/failure.h"
#include "ledger/exchange/envelope_json.h"
#include "projections/rows/json.h"
#include "tools/daemon/http/problem.h"
#include "tools/daemon/observe/watch.h"

namespace runledger {
namespace {

constexpr std::size_t kEventsPerPageMax = 32;
constexpr std::size_t kChangedEventsPerPageMax = 256;
constexpr std::size_t kEventsLookedAtMax = 1024;  // If there are more new events, the news concerns every caller.
constexpr std::size_t kScopesMax = 64;            // The same for scopes.

}  // namespace

HttpNews HttpNews::of(const EventLog& log, Sequence seen, Sequence last) {
  HttpNews news;
  news.everybody_ = last.value - seen.value > kEventsLookedAtMax;
  if (news.everybody_) return news;
  try {
    log.scan(seen, last, [&news](const Envelope& envelope, std::string_view) {
      news.add(envelope.scope);
      return news.everybody_ ? Scan::kStop : Scan::kContinue;
    });
  } catch (const Failure&) {
    news.everybody_ = true;  // The read of each stream meets the failure, and ends the stream.
  }
  return news;
}

void HttpNews::add(const Scope& scope) {
  if (everybody_ || std::find(scopes_.begin(), scopes_.end(), scope) != scopes_.end()) return;
  everybody_ = scopes_.size() == kScopesMax;
  if (!everybody_) scopes_.push_back(scope);
}

void HttpNews::add(const HttpNews& other) {
  everybody_ = everybody_ || other.everybody_;
  for (const Scope& scope : other.scopes_) add(scope);
}

bool HttpNews::concern(const Grant& grant) const {
  return everybody_ ||
         std::any_of(scopes_.begin(), scopes_.end(), [&](const Scope& scope) { return grant.covers(scope); });
}

namespace {

// Has `read` fill a page, and makes every failure the end of the stream.
StreamedEvents read_page(Sequence after, const std::function<std::optional<Rejection>(StreamedEvents&)>& read) {
  StreamedEvents streamed{.next = after, .ends = false};
  const auto end_with = [after](const HttpResponse& why) {
    return StreamedEvents{.text = stream_end(why), .next = after, .ends = true};
  };
  try {
    if (const auto refused = read(streamed)) return end_with(problem(*refused));
  } catch (const Failure& failure) {
    return end_with(problem(failure));
  } catch (const std::exception&) {  // This is an edge: the stream ends, and a new request meets the same error.
    return end_with(problem(500, "internal", kSeeDaemonLog));
  }
  return streamed;
}

}  // namespace

StreamedEvents read_stream(const Session& session, Sequence after) {
  return read_page(after, [&](StreamedEvents& streamed) -> std::optional<Rejection> {
    const Result<EventPage> page = session.events(after, kEventsPerPageMax);
    if (!page) return page.rejection();
    for (const VisibleEvent& event : page->events)
      fmt::format_to(std::back_inserter(streamed.text), "id: {}\ndata: {}\n\n", event.envelope.sequence.value,
                     envelope_to_json(event.envelope, event.id));
    streamed.next = page->next;
    return std::nullopt;
  });
}

StreamedEvents read_changes(const Session& session, Sequence after) {
  return read_page(after, [&](StreamedEvents& streamed) -> std::optional<Rejection> {
    const Result<ChangedRuns> changed = session.changes(after, kChangedEventsPerPageMax);
    if (!changed) return changed.rejection();
    for (const OperationRun::Row& row : changed->rows) {
      // A caller that resumes after any but the last one would miss the others.
      const bool is_last = &row == &changed->rows.back();
      const std::string id = is_last ? fmt::format("id: {}\n", changed->next.value) : "";
      fmt::format_to(std::back_inserter(streamed.text), "{}data: {}\n\n", id, row_to_json(row, {}, RowView::kSummary));
    }
    streamed.next = changed->next;
    return std::nullopt;
  });
}

std::string stream_end(const HttpResponse& why) {
  return fmt::format("event: end\ndata: {}\n\n", why.body);
}

}  // namespace runledger
