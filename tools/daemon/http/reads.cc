// The handlers of routes that only read.
#include "ledger/base/ascii.h"
#include "ledger/exchange/catalog_json.h"
#include "ledger/exchange/envelope_json.h"
#include "ledger/values/json_writer.h"
#include "projections/rows/json.h"
#include "schema/embedded.h"
#include "tools/daemon/access/session_evidence.h"
#include "tools/daemon/http/handlers.h"
#include "tools/daemon/http/input.h"
#include "tools/daemon/http/problem.h"

namespace runledger::http_handlers {
namespace {

constexpr std::size_t kRunsDefault = 50;
constexpr std::size_t kRunsPerReadMax = 16;
constexpr std::size_t kEventsDefault = 100;
constexpr std::size_t kEventsMax = 1000;
constexpr std::size_t kEventsPerReadMax = 64;
constexpr std::size_t kBytesPerPageMax = 4 * 1024 * 1024;  // A page may exceed it by one event, or one read of runs.
constexpr std::size_t kReadsPerPageMax = 64;               // Ends a page when the log has few events for this caller.

constexpr std::string_view kEvidenceType = "text/plain; charset=utf-8";

HttpResponse response_of(std::string_view content_type, std::string body) {
  return {.status = 200, .content_type = std::string(content_type), .body = std::move(body)};
}

HttpResponse json_response(std::string json) {
  return response_of("application/json", std::move(json) + "\n");
}

void append_line(std::string& lines, const VisibleEvent& event) {
  lines += envelope_to_json(event.envelope, event.id);
  lines += '\n';
}

std::optional<AsOf> find_as_of(const HttpTarget& target) {
  const std::string* as_of = target.find("as_of");
  if (as_of == nullptr) return {};
  if (only_digits(*as_of)) return Sequence{need(parse_number(*as_of, "as_of", {}))};
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
  return RunVersion{static_cast<std::uint32_t>(need(parse_number(*after, "after", {.max = UINT32_MAX})))};
}

// Returns the position from which the caller reads on: the query parameter, or the Last-Event-ID field that a browser
// sends when it resumes a stream of server-sent events.
Sequence need_after(const HttpCall& call, bool follow) {
  if (follow && call.request.last_event_id)
    return need(call.session->find_position(*call.request.last_event_id, "last_event_id"));
  const std::string* after = call.target.find("after");
  return after == nullptr ? Sequence{} : need(call.session->find_position(*after, "after"));
}

RowView need_view(const HttpTarget& target) {
  const std::string* view = target.find("view");
  if (view == nullptr || *view == "whole") return RowView::kWhole;
  if (*view != "summary") refuse("view.invalid", "expected whole or summary");
  return RowView::kSummary;
}

bool need_follow(const HttpTarget& target) {
  const bool asked = need_switch(target, "follow");
  if (asked && target.find("limit") != nullptr) refuse("query.invalid", "expected no limit together with follow=1");
  return asked;
}

}  // namespace

// Reads the page in parts, so that a page of large inputs ends before it takes much memory.
void list_runs(const HttpCall& call, const HttpRespond& respond) {
  RunFilter filter = need_filter(call.target);
  filter.as_of = find_as_of(call.target);
  const RowView view = need_view(call.target);
  std::size_t left = need_limit(call.target, kRunsDefault, RowStore::kPageMax);
  const std::string* cursor = call.target.find("cursor");
  std::optional<std::string> next = cursor == nullptr ? std::string() : *cursor;
  std::uint64_t scanned = 0;
  std::optional<Time> reached;
  JsonWriter out;
  out.begin_object().key("runs").begin_array();
  for (bool more = true; more;) {
    const std::size_t asked = std::min(left, kRunsPerReadMax);
    RunPage part = need(call.session->list(filter, asked, *next));
    // Nothing tells how far a run had come at another time.
    const std::vector<RunId> at_work = filter.as_of ? std::vector<RunId>() : running(part.rows);
    const std::map<RunId, Counts> progress = need(call.session->progress(at_work));
    for (const OperationRun::Row& row : part.rows) {
      const auto found = progress.find(row.id);
      out.json(row_to_json(row, found == progress.end() ? Counts() : found->second, view));
    }
    scanned += part.scanned;
    reached = part.reached;
    next = std::move(part.next_cursor);
    left -= part.rows.size();
    // A part that is not full has skipped as many rows as one page may skip.
    more = next && part.rows.size() == asked && left > 0 && out.size() < kBytesPerPageMax;
  }
  out.end_array().member("next_cursor", next).member("scanned", scanned).member("reached", reached).end_object();
  respond(json_response(out.take()));
}

void show_run(const HttpCall& call, const HttpRespond& respond) {
  const RunStory story = need_story(call);
  JsonWriter out;
  const bool is_now = call.target.find("as_of") == nullptr;
  const std::map<RunId, Counts> progress =
      need(call.session->progress(is_now ? running({story.row}) : std::vector<RunId>()));
  out.begin_object().key("run").json(row_to_json(story.row, progress.empty() ? Counts() : progress.begin()->second));
  out.key("attempts").begin_array();
  for (const AttemptRow& attempt : story.attempts) out.json(attempt_to_json(attempt));
  out.end_array().key("events").begin_array();
  for (const VisibleEvent& event : story.events) out.json(envelope_to_json(event.envelope, event.id));
  out.end_array().key("last_events").begin_array();
  for (const VisibleEvent& event : story.last_events) out.json(envelope_to_json(event.envelope, event.id));
  out.end_array().key("next_events_after");
  story.is_cut ? out.number(story.events.back().envelope.run_version.value) : out.null();
  out.end_object();
  respond(json_response(out.take()));
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
  const std::optional<AsOf> as_of = find_as_of(call.target);
  if (follow && as_of) refuse("query.invalid", "expected no as_of together with follow=1");
  if (follow) {
    // A read before the first byte of the stream: a refusal can still be answered with its status.
    (void)need(call.session->events(after, 1));
    HttpResponse response = response_of("text/event-stream", "");
    response.closes = true;
    response.follows = after;
    return respond(std::move(response));
  }
  std::size_t left = need_limit(call.target, kEventsDefault, kEventsMax);
  EventQuery query{.after = after, .filter = {}};
  if (as_of) query.to = call.session->position_as_of(*as_of);
  std::string lines;
  for (std::size_t reads = 0; left > 0 && reads < kReadsPerPageMax && lines.size() < kBytesPerPageMax; ++reads) {
    query.count_max = std::min(left, kEventsPerReadMax);
    const EventPage page = need(call.session->events(query));
    if (page.next == query.after) break;
    for (const VisibleEvent& event : page.events) append_line(lines, event);
    left -= page.events.size();
    query.after = page.next;
  }
  HttpResponse response = response_of("application/x-ndjson", std::move(lines));
  response.headers.emplace_back("Runledger-Next-After", std::to_string(query.after.value));
  respond(std::move(response));
}

void show_evidence(const HttpCall& call, const HttpRespond& respond) {
  const RunFilter filter = need_filter(call.target);
  respond(response_of(kEvidenceType, need(SessionEvidence(*call.session).of_scope(filter.workspace, filter.tenant))));
}

void show_run_evidence(const HttpCall& call, const HttpRespond& respond) {
  respond(response_of(kEvidenceType, need(SessionEvidence(*call.session).of_run(need_run(call)))));
}

void answer_question(const HttpCall& call, const HttpRespond& respond) {
  Question question{.about = call.target.path.back(), .parameters = Parameters(call.target.queries)};
  if (!call.parameters.empty()) question.parameters.add("run", call.parameters[0]);
  respond(json_response(need(call.session->answer(question))));
}

// Without `after`, a stream begins with what comes next, and a page with what was first.
void show_changes(const HttpCall& call, const HttpRespond& respond) {
  const bool follow = need_follow(call.target);
  const bool begins = call.target.find("after") != nullptr || (follow && call.request.last_event_id);
  const Sequence after = begins || !follow ? need_after(call, follow) : call.session->head();
  if (follow) {
    (void)need(call.session->changes(after, 1));
    HttpResponse response = response_of("text/event-stream", "");
    response.closes = true;
    response.follows = after;
    response.follows_changes = true;
    return respond(std::move(response));
  }
  const ChangedRuns changed = need(call.session->changes(after, need_limit(call.target, kEventsDefault, kEventsMax)));
  JsonWriter out;
  out.begin_object().key("runs").begin_array();
  for (const OperationRun::Row& row : changed.rows) out.json(row_to_json(row, {}, RowView::kSummary));
  out.end_array().member("next_after", changed.next.value).end_object();
  respond(json_response(out.take()));
}

// A caller that waits holds its connection, but no thread.
void await_mirror(const HttpCall& call, const HttpRespond& respond) {
  const std::string* position = call.target.find("position");
  const std::string* wait = call.target.find("wait_seconds");
  constexpr auto kWaitMax = static_cast<std::uint64_t>(MirrorWaits::kWaitMax.count());
  const std::chrono::seconds time(wait == nullptr ? 0 : need(parse_number(*wait, "wait_seconds", {.max = kWaitMax})));
  const std::optional<Sequence> wanted =
      position == nullptr ? std::nullopt : std::optional(need(call.session->find_position(*position, "position")));
  call.caller->wait_with(call.session->await_mirror(wanted, time, [respond](const std::optional<Rejection>& refused) {
    respond(refused ? problem(*refused) : json_response(R"({"status":"reached"})"));
  }));
}

void show_types(const HttpCall& call, const HttpRespond& respond) {
  respond(json_response(catalog_to_json(*call.session->catalog())));
}

// All totals are kept with each run; those of a time come from roll-ups.
void show_stats(const HttpCall& call, const HttpRespond& respond) {
  for (const char* name : {"since", "until", "as_of"}) {
    if (call.target.find(name) == nullptr) continue;
    return respond(json_response(need(call.session->answer({"totals", Parameters(call.target.queries)}))));
  }
  respond(json_response(totals_to_json(need(call.session->totals(need_filter(call.target))))));
}

// The ledger's id is for callers of the whole ledger: to others it would say that two scopes are of one ledger.
void show_session(const HttpCall& call, const HttpRespond& respond) {
  const Session& session = *call.session;
  const Grant& grant = session.grant();
  JsonWriter out;
  out.begin_object().member("workspace_id", grant.workspace).member("tenant_id", grant.tenant);
  out.key("rights").begin_array();
  for (const auto& [right, word] : kEnumWords<Right>) {
    if (grant.rights.contains(right)) out.text(word);
  }
  out.end_array().member("caller", format_caller(session.caller())).member("expires_at", session.expires_at());
  out.member("version", std::string_view(RUNLEDGER_VERSION));
  const std::optional<LedgerId> ledger = session.ledger_id();
  out.member("ledger_id", ledger ? std::optional(format_uuid(ledger->value)) : std::nullopt);
  out.member("head", session.head().value);
  out.key("features").begin_array();
  if (session.has_mirror()) out.text("mirror");
  if (session.refuses_unknown_types()) out.text("strict_types");
  out.end_array().end_object();
  respond(json_response(out.take()));
}

void show_openapi(const HttpCall&, const HttpRespond& respond) {
  respond(response_of("application/json", std::string(embedded::kOpenApiJson)));
}

void show_alive(const HttpCall&, const HttpRespond& respond) {
  respond(response_of("application/json", "{\"status\":\"alive\"}\n"));
}

}  // namespace runledger::http_handlers
