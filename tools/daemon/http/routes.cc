// The table of routes, and the checks that every request passes before its handler is called.
//
// A request is visited twice. admit() runs on the thread of the connections as soon as the header is complete, before
// any byte of the body is accepted: an unauthenticated caller therefore cannot make the daemon receive a megabyte, and
// "100 Continue" is only sent to a caller that may continue. carry_out() runs once the body has come, usually on
// another thread, and calls the handler.
//
// The checks of admit_or_fail() go from the general to the particular, and the first that refuses answers: host and
// origin (a defence against pages of other sites that send requests through a browser), the target, the path, the
// method, the token, and last the names in the query and the kind of the body. The path comes before the token, so that
// a wrong address is reported as such; paths are public (openapi.json).
//
// The routes are one constant table, so short that it is searched from the start. Each entry names every query
// parameter and body member that its handler knows, and others are refused. Some routes (/metrics, /readyz, /checkpoint
// and /tile/) have no handler, since they need the sources of this object and not a session.
//
// Both steps are an edge at which exceptions end: Refused becomes its code, a Failure is reported and becomes its code,
// and every other exception is reported as a bug.
#include "tools/daemon/http/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "ledger/base/ascii.h"
#include "ledger/base/loopback.h"
#include "projections/answers/question.h"
#include "tools/daemon/http/framing.h"
#include "tools/daemon/http/handlers.h"
#include "tools/daemon/http/input.h"
#include "tools/daemon/http/page.h"
#include "tools/daemon/http/problem.h"
#include "tools/daemon/http/target.h"
#include "tools/daemon/observe/metrics.h"

namespace runledger {
namespace {

constexpr std::size_t kTokenBytesMax = 512;
constexpr std::string_view kMetricsPath = "/metrics";
constexpr auto kToken = HttpAccess::kToken;
constexpr auto kOpen = HttpAccess::kOpen;

// The members of a body that several routes know.
constexpr std::string_view kRequestMembers[] = {"workspace",     "tenant",    "type",        "input",
                                                "run_id",        "initiator", "force",       "labels",
                                                "parent_run_id", "rerun_of",  "traceparent", "policy"};
constexpr std::string_view kOptionMembers[] = {"command_id", "occurred_at"};
constexpr std::string_view kCancelMembers[] = {"message", "initiator", "command_id", "occurred_at"};
constexpr std::string_view kStartMembers[] = {"worker",  "lease_seconds", "respect_not_before",
                                              "starter", "command_id",    "occurred_at"};

// The queries of a list of runs.
constexpr std::string_view kRunFilterQueries[] = {
    "workspace",       "tenant",         "type",      "status", "outcome", "reason_code",  "initiator",
    "worker",          "identity",       "parent",    "label",  "since",   "attempts_min", "deduped",
    "completed_since", "active_between", "id_prefix", "until",  "as_of"};
constexpr std::string_view kPageQueries[] = {"view", "limit", "cursor"};

std::vector<std::string_view> joined(std::span<const std::string_view> some, std::span<const std::string_view> more) {
  std::vector<std::string_view> names(some.begin(), some.end());
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

HttpRoute list(std::string_view path) {
  return {.method = "GET",
          .path = path,
          .queries = joined(kRunFilterQueries, kPageQueries),
          .members = {},
          .handler = http_handlers::list_runs,
          .repeatable = {"type", "status", "outcome", "label"}};
}

HttpRoute many_commands(std::string_view path) {
  return {.method = "POST",
          .path = path,
          .queries = {},
          .members = {"command", "run", "attempt", "body"},
          .handler = http_handlers::carry_out_lines,
          .takes_lines = true};
}

HttpRoute tiles(std::string_view path) {
  return {.method = "GET",
          .path = path,
          .access = HttpAccess::kAuditor,
          .queries = {},
          .members = {},
          .handler = nullptr,
          .takes_rest = true};
}

// A route that answers the question that its path ends with.
HttpRoute reading(std::string_view path) {
  const QuestionKind& kind = question_kind(path.substr(path.rfind('/') + 1));
  return {.method = "GET",
          .path = path,
          .queries = kind.parameters,
          .members = {},
          .handler = http_handlers::answer_question,
          .repeatable = kind.repeatable};
}

bool is_parameter(std::string_view segment) {
  return segment.starts_with('{');
}

// Returns the parameters in the path, or nullopt if the path does not match the route.
std::optional<std::vector<std::string>> match(const HttpRoute& route, const std::vector<std::string>& path) {
  std::vector<std::string> parameters;
  std::string_view left = route.path.substr(1);
  for (std::size_t i = 0; i < path.size(); ++i) {
    const std::size_t end = left.find('/');
    const std::string_view segment = left.substr(0, end);
    if (route.takes_rest && end == std::string_view::npos) {
      parameters.push_back(
          fmt::format("{}", fmt::join(path.begin() + static_cast<std::ptrdiff_t>(i), path.end(), "/")));
      return parameters;
    }
    if (is_parameter(segment) && !path[i].empty()) {
      parameters.push_back(path[i]);
    } else if (segment != path[i]) {
      return std::nullopt;
    }
    const bool last = end == std::string_view::npos;
    if (last != (i + 1 == path.size())) return std::nullopt;
    if (!last) left.remove_prefix(end + 1);
  }
  return parameters;
}

// Returns the token of "Bearer TOKEN", or an empty text, which is never a valid token.
std::string_view bearer_token(const std::optional<std::string>& authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (!authorization || authorization->size() > kScheme.size() + kTokenBytesMax) return {};
  const std::string_view text = *authorization;
  if (!equal_fields(text.substr(0, kScheme.size()), kScheme)) return {};
  return text.substr(kScheme.size());
}

std::string_view without_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const bool port = colon != std::string_view::npos && colon + 1 < host.size() &&
                    std::all_of(host.begin() + static_cast<std::ptrdiff_t>(colon) + 1, host.end(), is_digit);
  return port ? host.substr(0, colon) : host;
}

bool is_of_type(const std::optional<std::string>& content_type, std::string_view expected) {
  if (!content_type) return false;
  const std::string_view text = *content_type;
  std::string_view type = text.substr(0, text.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return equal_fields(type, expected);
}

std::optional<HttpResponse> refuse_form(const HttpCall& call) {
  for (const auto& [name, value] : call.target.queries) {
    const auto& known = call.route->queries;
    if (std::find(known.begin(), known.end(), name) == known.end())
      return problem(
          reject("query.invalid", fmt::format("expected only known names in the query, found \"{}\"", name)));
    const auto& repeatable = call.route->repeatable;
    const bool is_single = std::find(repeatable.begin(), repeatable.end(), name) == repeatable.end();
    if (is_single && call.target.find_all(name).size() > 1)
      return problem(reject("http.malformed", fmt::format("expected {} once in the query, found it repeated", name)));
  }
  if (!call.request.has_body) return {};
  if (call.route->members.empty()) return problem(reject("body.malformed", "expected no body, found one"));
  const std::string_view type = call.route->takes_lines ? "application/x-ndjson" : "application/json";
  if (!is_of_type(call.request.content_type, type))
    return problem(reject("http.media_type", fmt::format("expected Content-Type {}", type)));
  return {};
}

// Answers what a page of an allowed origin may send (the CORS protocol of the Fetch standard). Requires that the origin
// has been checked.
HttpResponse preflight(const std::string& allowed) {
  return {.status = 204,
          .headers = {{"Access-Control-Allow-Methods", allowed},
                      {"Access-Control-Allow-Headers",
                       "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Runledger-Starter"},
                      {"Access-Control-Max-Age", "600"}}};
}

}  // namespace

const std::vector<HttpRoute>& http_routes() {
  namespace handlers = http_handlers;
  static const std::vector<HttpRoute> all = {
      {"GET", "/checkpoint", HttpAccess::kAuditor, {}, {}, nullptr},
      {"GET", "/healthz", kOpen, {}, {}, handlers::show_alive},
      {"GET", kMetricsPath, HttpAccess::kOperator, {}, {}, nullptr},
      {"GET", "/openapi.json", kOpen, {}, {}, handlers::show_openapi},
      {"GET", "/readyz", kOpen, {}, {}, nullptr},
      tiles("/tile/{level}/{tile}"),
      {"GET", "/ui", kOpen, {}, {}, handlers::redirect_to_page},
      {"GET", "/ui/", kOpen, {}, {}, handlers::show_page},
      {"GET", "/ui/{file}", kOpen, {}, {}, handlers::show_page_file},
      reading("/v1/attempts"),
      {"POST", "/v1/attempts", kToken, {}, joined(kRequestMembers, kStartMembers), handlers::start_by_identity},
      {"GET", "/v1/changes", kToken, {"after", "limit", "follow"}, {}, handlers::show_changes},
      {"POST",
       "/v1/claims",
       kToken,
       {},
       {"types", "worker", "wait_seconds", "lease_seconds", "starter", "command_id", "occurred_at"},
       handlers::claim_run,
       true},
      many_commands("/v1/commands"),
      reading("/v1/duplicates"),
      {"GET", "/v1/events", kToken, {"after", "limit", "follow", "as_of"}, {}, handlers::show_events},
      {"GET", "/v1/evidence", kToken, {"workspace", "tenant"}, {}, handlers::show_evidence},
      {"POST", "/v1/explain", kToken, {}, joined(kRequestMembers, kOptionMembers), handlers::explain_request},
      reading("/v1/failures"),
      {"GET", "/v1/mirror", kToken, {"position", "wait_seconds"}, {}, handlers::await_mirror, true},
      {"POST", "/v1/mirror/rebuild", kToken, {"dry_run"}, {}, handlers::rebuild_mirror, true},
      reading("/v1/overdue"),
      list("/v1/runs"),
      {"POST", "/v1/runs", kToken, {}, joined(kRequestMembers, kOptionMembers), handlers::request_run},
      {"GET", "/v1/runs/{id}", kToken, {"as_of"}, {}, handlers::show_run},
      {"POST", "/v1/runs/{id}/attempts", kToken, {}, joined({}, kStartMembers), handlers::start_attempt},
      {"POST",
       "/v1/runs/{id}/attempts/{n}/finish",
       kToken,
       {},
       {"token", "outcome", "summary_counts", "failures", "retryable", "command_id", "occurred_at"},
       handlers::finish_attempt},
      {"POST",
       "/v1/runs/{id}/attempts/{n}/heartbeat",
       kToken,
       {},
       {"token", "progress", "command_id"},
       handlers::heartbeat},
      {"POST", "/v1/runs/{id}/cancel", kToken, {}, joined({}, kCancelMembers), handlers::cancel_run},
      {"GET", "/v1/runs/{id}/events", kToken, {"as_of", "after", "limit"}, {}, handlers::show_run_events},
      {"GET", "/v1/runs/{id}/evidence", kToken, {}, {}, handlers::show_run_evidence},
      {"POST",
       "/v1/runs/{id}/fail",
       kToken,
       {},
       {"reason_code", "message", "initiator", "command_id", "occurred_at"},
       handlers::fail_run},
      {"GET", "/v1/runs/{id}/why", kToken, {}, {}, handlers::answer_question},
      {"GET", "/v1/session", kToken, {}, {}, handlers::show_session},
      {"GET", "/v1/stats", kToken, question_kind("totals").parameters, {}, handlers::show_stats, false, {"type"}},
      reading("/v1/stats/series"),
      {"GET", "/v1/types", kToken, {}, {}, handlers::show_types},
      reading("/v1/workers"),
  };
  return all;
}

HttpRoutes::HttpRoutes(HttpSources sources, HttpAccessPolicy access, std::string_view scheme)
    : sources_(std::move(sources)), access_(std::move(access)), scheme_(scheme) {}

// A page of another site can make a browser send requests here, even under a host name of its own that resolves to this
// machine (DNS rebinding). The Host and Origin fields, which the page cannot forge, reveal that. Monitors ask by
// whatever address a machine has at the moment, so any Host will do for them; they read nothing of a run.
std::optional<HttpResponse> HttpRoutes::refuse_origin(const HttpRequest& request) const {
  const std::string_view name = without_port(request.host);
  const auto& hosts = access_.allowed_hosts;
  const bool known =
      runledger::is_probe(request.target) || is_loopback(name) ||
      std::any_of(hosts.begin(), hosts.end(), [&](const std::string& host) { return equal_fields(host, name); });
  if (!known) return problem(reject("host.denied", "expected a Host that this daemon is configured to answer for"));
  if (request.origin && !allows_origin(request))
    return problem(reject("origin.denied", "expected no Origin, or one that this daemon is configured to allow"));
  return {};
}

// A browser sends an origin with every POST, also with those of the daemon's own page. The host has been checked, so
// only a page that this daemon served can have it together with the daemon's scheme.
bool HttpRoutes::allows_origin(const HttpRequest& request) const {
  const std::string own = fmt::format("{}://{}", scheme_, request.host);
  return *request.origin == own || is_configured(*request.origin);
}

bool HttpRoutes::is_configured(const std::string& origin) const {
  const auto& origins = access_.allowed_origins;
  return std::find(origins.begin(), origins.end(), origin) != origins.end();
}

void HttpRoutes::open_to_origin(const HttpRequest& request, HttpResponse& response) const {
  if (!request.origin || !is_configured(*request.origin)) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", *request.origin);
  response.headers.emplace_back("Access-Control-Expose-Headers", "Location, Retry-After, Runledger-Next-After");
  response.headers.emplace_back("Vary", "Origin");
}

std::variant<HttpCall, HttpResponse> HttpRoutes::admit(HttpRequest request) const {
  try {
    return admit_or_fail(std::move(request));
  } catch (const Failure& failure) {
    if (sources_.report) sources_.report(failure.code(), failure.what());
    return problem(failure);
  } catch (const std::exception& error) {
    return bug(error);
  }
}

HttpResponse HttpRoutes::bug(const std::exception& error) const {
  if (sources_.report) sources_.report("internal", error.what());
  return problem(status_of_code("internal"), "internal", "a bug; please report it");
}

std::variant<HttpCall, HttpResponse> HttpRoutes::admit_or_fail(HttpRequest request) const {
  if (auto refused = refuse_origin(request)) return *std::move(refused);
  Result<HttpTarget> target = parse_target(request.target);
  if (!target) return problem(target.rejection());
  HttpCall call{.request = std::move(request), .target = *std::move(target)};
  if (auto answered = find_route(call)) return *std::move(answered);
  if (auto refused = find_session(call)) return *std::move(refused);
  if (auto refused = refuse_form(call)) return *std::move(refused);
  return call;
}

// Sets the route and the parameters of the call, or returns the response: that there is no such route, or, for a
// preflight request, which methods the path has.
std::optional<HttpResponse> HttpRoutes::find_route(HttpCall& call) const {
  // HEAD is answered as GET; the connection leaves out the body.
  const std::string method = call.request.method == "HEAD" ? "GET" : call.request.method;
  std::string allowed;
  for (const HttpRoute& route : http_routes()) {
    if (!access_.page && is_of_page(route.path)) continue;
    auto parameters = match(route, call.target.path);
    if (!parameters) continue;
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
    if (route.method == "GET") allowed += ", HEAD";
    if (route.method != method) continue;
    call.route = &route;
    call.parameters = *std::move(parameters);
  }
  if (allowed.empty()) return problem(reject("route.not_found", "expected a path that is served here"));
  if (call.route != nullptr) return std::nullopt;
  if (method == "OPTIONS" && call.request.origin && call.request.asks_method) return preflight(allowed);
  HttpResponse response = problem(reject("method.not_allowed", fmt::format("expected {}", allowed)));
  response.headers.emplace_back("Allow", allowed);
  return response;
}

std::optional<HttpResponse> HttpRoutes::find_session(HttpCall& call) const {
  if (!needs_token(*call.route)) return std::nullopt;
  const std::string_view token = bearer_token(call.request.authorization);
  call.session = sources_.authenticate(token);
  if (!call.session) return problem(reject("access.unauthenticated", "expected a valid bearer token"));
  call.who = std::hash<std::string_view>()(token);
  return std::nullopt;
}

std::optional<HttpResponse> HttpRoutes::refuse_ended_token(const HttpCall& call) const {
  try {
    const std::optional<Rejection> ended = call.session->deny_ended_token();
    return ended ? std::optional(problem(*ended)) : std::nullopt;
  } catch (const Failure& failure) {
    if (sources_.report) sources_.report(failure.code(), failure.what());
    return problem(failure);
  } catch (const std::exception& error) {
    return bug(error);
  }
}

bool HttpRoutes::is_command(const HttpCall& call) {
  return call.route->method == "POST";
}

bool HttpRoutes::is_probe(const HttpCall& call) {
  return runledger::is_probe(call.request.target);
}

bool HttpRoutes::is_instant(const HttpCall& call) {
  return call.route->access == HttpAccess::kOpen;
}

HttpResponse HttpRoutes::readiness() const {
  const DaemonHealth health = sources_.operations.health();
  if (!health.ready) return problem(status_of_code("daemon.not_ready"), "daemon.not_ready", health.reason);
  return {.status = 200, .content_type = "application/json", .body = "{\"status\":\"ready\"}\n"};
}

bool HttpRoutes::needs_token(const HttpRoute& route) const {
  switch (route.access) {
    case HttpAccess::kOpen:
      return false;
    case HttpAccess::kToken:
      return true;
    case HttpAccess::kOperator:
      return !access_.open_metrics;
    case HttpAccess::kAuditor:
      return !access_.open_checkpoints;
  }
  return true;
}

HttpResponse HttpRoutes::metrics(const HttpCall& call) const {
  const std::optional<Rejection> denied = call.session ? call.session->grant().deny_operation() : std::nullopt;
  if (denied) return problem(*denied);
  return {.status = 200, .content_type = DaemonMetrics::kContentType, .body = sources_.operations.metrics()};
}

HttpResponse HttpRoutes::tree(const HttpCall& call) const {
  const std::optional<Rejection> denied = call.session ? call.session->grant().deny_whole_audit() : std::nullopt;
  if (denied) return problem(*denied);
  if (call.parameters.empty()) return checkpoint_response(sources_.tree);
  return tile_response(sources_.tree, call.parameters[0], call.parameters[1],
                       call.session ? TileCaching::kPrivate : TileCaching::kShared);
}

void HttpRoutes::carry_out(const HttpCall& call, const HttpRespond& respond) const {
  try {
    if (call.session) {
      if (auto refusal = refuse_ended_token(call)) return respond(*std::move(refusal));
    }
    if (call.route->access == HttpAccess::kOperator) return respond(metrics(call));
    if (call.route->access == HttpAccess::kAuditor) return respond(tree(call));
    if (call.route->handler == nullptr) return respond(readiness());
    call.route->handler(call, respond);
  } catch (const Refused& refused) {
    respond(problem(refused.rejection()));
  } catch (const Failure& failure) {
    if (sources_.report) sources_.report(failure.code(), failure.what());
    respond(problem(failure));
  } catch (const std::exception& error) {
    respond(bug(error));
  }
}

}  // namespace runledger
