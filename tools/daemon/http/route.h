// A route of the HTTP interface, and a call of one.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/daemon/access/session.h"
#include "tools/daemon/http/caller.h"
#include "tools/daemon/http/message.h"

namespace runledger {

// Sends the response to a call. It is called exactly once, on any thread; for a call that is_instant(), on the calling
// one.
using HttpRespond = std::function<void(HttpResponse)>;
struct HttpRoute;

// A request that HttpRoutes::admit() has admitted.
struct HttpCall {
  HttpRequest request;
  HttpTarget target;
  std::optional<Session> session = {};       // Absent only when the route needs no token.
  std::vector<std::string> parameters = {};  // The segments of the path at the route's {…}, in their order.
  const HttpRoute* route = nullptr;          // Not owned; it is one of http_routes().
  std::size_t who = 0;  // Identifies the caller: the same for all calls with one token; zero without one.
  std::shared_ptr<HttpCaller> caller = std::make_shared<HttpCaller>();  // Never null.
};

// Calls `respond` exactly once, before it returns or later on a thread of the sequencer, the claims or the mirror, or
// throws without calling it.
using HttpHandler = void (*)(const HttpCall& call, const HttpRespond& respond);

// Who may call a route: kOpen: any caller; kToken: a caller with a valid token; kOperator: a caller whose token has the
// right to operate the whole ledger, or any caller if HttpAccessPolicy::open_metrics is set; kAuditor: a caller whose
// token has the right to audit the whole ledger, or any caller if HttpAccessPolicy::open_checkpoints is set.
enum class HttpAccess { kOpen, kToken, kOperator, kAuditor };

struct HttpRoute {
  std::string_view method;
  std::string_view path;  // "/v1/runs/{id}"
  HttpAccess access = HttpAccess::kToken;
  std::vector<std::string_view> queries;  // The parameters that the query may have.
  std::vector<std::string_view> members;  // The members that the body may have. Empty: the request may have no body.
  HttpHandler handler = nullptr;          // Null: HttpRoutes answers the call itself.
  bool waits = false;  // The answer may take long, so the connection watches whether the caller leaves.
  std::vector<std::string_view> repeatable = {};  // Those of `queries` that may occur several times.
  bool takes_lines = false;                       // The body is lines of JSON, each of which has `members`.
  bool takes_rest = false;  // The last parameter takes all segments that are left, with the slashes between them.
};

}  // namespace runledger
