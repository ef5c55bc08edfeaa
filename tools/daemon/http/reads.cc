// The routes that only look.
#include <nlohmann/json.hpp>

#include "ledger/base/ascii.h"
#include "ledger/exchange/catalog_json.h"
#include "ledger/exchange/envelope_json.h"
#include "projections/rows/json.h"
#include "schema/embedded.h"
#include "tools/daemon/http/handlers.h"
#include "tools/daemon/http/input.h"
#include "tools/daemon/http/problem.h"

namespace runledger::http_handlers {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kRunsDefault = 50;
constexpr std::size_t kRunsPerReadMax = 16;
constexpr std::size_t kEventsDefault = 100;
constexpr std::size_t kEventsMax = 1000;
constexpr std::size_t kEventsPerReadMax = 64;
constexpr std::size_t kBytesPerPageMax = 4 * 1024 * 1024;  // One more event, or a read of runs, may pass it.
constexpr std::size_t kReadsPerPageMax = 64;               // While nothing of the caller's comes.

HttpResponse response_of(std::string_view content_type, std::string body) {
  return {.status = 200,
          .content_type = std::string(content_type),
          .headers = {},
          .body = std::move(body),
          .closes = false,
          .follows = std::nullopt};
}

HttpResponse json_response(const Json& json) {
  return response_of("application/json", json.dump() + "\n");
}

// To an array that has just been opened, or has members.
void append_member(std::string& text, std::string_view member) {
  if (text.back() != '[') text += ',';
  text += member;
}

void append_line(std::string& lines, const VisibleEvent& event) {
  lines += envelope_to_json(event.envelope, event.id);
  lines += '\n';
}

std::optional<AsOf> find_as_of(const HttpTarget& target) {
  const std::string* as_of = target.find("as_of");
  if (as_of == nullptr) return {};
  if (only_digits(*as_of)) return Sequence{need_number(*as_of, "as_of", {})};
  return need(parse_time(*as_of));
}

RunStory need_story(const HttpCall& call) {
  const RunId run = need_run(call);
  const std::optional<AsOf> as_of = find_as_of(call.target);
  if (as_of && std::holds_alternative<Time>(*as_of)) return need(call.session->show_at(run, std::get<Time>(*as_of)));
  return need(call.session->show(run, as_of ? std::optional(std::get<Sequence>(*as_of)) : std::nullopt));
}

RunVersion need_version_after(const HttpTarget& target) {
  const std::string* after = target.find("after");
  if (after == nullptr) return {};
  return RunVersion{static_cast<std::uint32_t>(need_number(*after, "after", {.max = UINT32_MAX}))};
}

// Where the caller is: a query, or what a server-sent stream says of itself when it is taken up again.
Sequence need_after(const HttpCall& call, bool follow) {
  if (follow && call.request.last_event_id)
    return Sequence{need_number(*call.request.last_event_id, "last_event_id", {.max = INT64_MAX})};
  const std::string* after = call.target.find("after");
  return after == nullptr ? Sequence{} : Sequence{need_number(*after, "after", {.max = INT64_MAX})};
}

bool need_follow(const HttpTarget& target) {
  const std::string* follow = target.find("follow");
  if (follow == nullptr) return false;
  const bool asked = need_number(*follow, "follow", {.max = 1}) == 1;
  if (asked && target.find("limit") != nullptr)
    refuse_request("query.invalid", "expected no limit where the events are followed");
  return asked;
}

}  // namespace

// In parts, so that a page of great inputs ends before it takes much memory.
void list_runs(const HttpCall& call, const HttpRespond& respond) {
  const RunFilter filter = need_filter(call.target);
  std::size_t left = need_limit(call.target, kRunsDefault, RowStore::kPageMax);
  const std::string* cursor = call.target.find("cursor");
  std::optional<std::string> next = cursor == nullptr ? std::string() : *cursor;
  std::string text = "{\"runs\":[";
  for (bool more = true; more;) {
    const std::size_t asked = std::min(left, kRunsPerReadMax);
    RunPage part = need(call.session->list(filter, asked, *next));
    for (const OperationRun::Row& row : part.rows) append_member(text, row_to_json(row).dump());
    next = std::move(part.next_cursor);
    left -= part.rows.size();
    // A part that is not full has passed over as much as a page may.
    more = next && part.rows.size() == asked && left > 0 && text.size() < kBytesPerPageMax;
  }
  respond(response_of("application/json",
                      text + "],\"next_cursor\":" + (next ? Json(*next) : Json(nullptr)).dump() + "}\n"));
}

void show_run(const HttpCall& call, const HttpRespond& respond) {
  const RunStory story = need_story(call);
  Json attempts = Json::array();
  for (const AttemptRow& attempt : story.attempts) attempts.push_back(attempt_to_json(attempt));
  std::string text = "{\"run\":" + row_to_json(story.row).dump() + ",\"attempts\":" + attempts.dump() + ",\"events\":[";
  for (const VisibleEvent& event : story.events) append_member(text, envelope_to_json(event.envelope, event.id));
  const Json next = story.is_cut ? Json(story.events.back().envelope.run_version.value) : Json(nullptr);
  respond(response_of("application/json", text + "],\"next_events_after\":" + next.dump() + "}\n"));
}

void show_run_events(const HttpCall& call, const HttpRespond& respond) {
  const RunId run = need_run(call);
  const std::optional<AsOf> as_of = find_as_of(call.target);
  RunVersion after = need_version_after(call.target);
  std::size_t left = need_limit(call.target, kEventsMax, kEventsMax);
  std::string lines;
  for (bool more = true; more && left > 0 && lines.size() < kBytesPerPageMax;) {
    const RunEventPage page = need(call.session->run_events(run, as_of, after));
    const std::size_t count = std::min(left, page.events.size());
    for (std::size_t i = 0; i < count; ++i) append_line(lines, page.events[i]);
    if (count > 0) after = page.events[count - 1].envelope.run_version;
    left -= count;
    more = page.more;
  }
  HttpResponse response = response_of("application/x-ndjson", std::move(lines));
  response.headers.emplace_back("Runledger-Next-After", std::to_string(after.value));
  respond(std::move(response));
}

void show_events(const HttpCall& call, const HttpRespond& respond) {
  const bool follow = need_follow(call.target);
  Sequence after = need_after(call, follow);
  if (follow) {
    (void)need(call.session->events(after, 1));  // Refuses what may not be followed while there is a status to say so.
    HttpResponse response = response_of("text/event-stream", "");
    response.closes = true;
    response.follows = after;
    return respond(std::move(response));
  }
  std::size_t left = need_limit(call.target, kEventsDefault, kEventsMax);
  std::string lines;
  for (std::size_t reads = 0; left > 0 && reads < kReadsPerPageMax && lines.size() < kBytesPerPageMax; ++reads) {
    const EventPage page = need(call.session->events(after, std::min(left, kEventsPerReadMax)));
    if (page.next == after) break;
    for (const VisibleEvent& event : page.events) append_line(lines, event);
    left -= page.events.size();
    after = page.next;
  }
  HttpResponse response = response_of("application/x-ndjson", std::move(lines));
  response.headers.emplace_back("Runledger-Next-After", std::to_string(after.value));
  respond(std::move(response));
}

void show_types(const HttpCall& call, const HttpRespond& respond) {
  Json json;
  json["types"] = Json::array();
  for (const auto& [type, entry] : call.session->catalog().entries()) json["types"].push_back(entry_to_json(entry));
  respond(json_response(json));
}

void show_stats(const HttpCall& call, const HttpRespond& respond) {
  const LedgerTotals totals = need(call.session->totals(need_filter(call.target)));
  respond(json_response(statistics_to_json(totals.statistics, totals.head)));
}

void show_openapi(const HttpCall&, const HttpRespond& respond) {
  respond(response_of("application/json", std::string(embedded::kOpenApiJson)));
}

void show_alive(const HttpCall&, const HttpRespond& respond) {
  respond(response_of("application/json", "{\"status\":\"alive\"}\n"));
}

}  // namespace runledger::http_handlers
