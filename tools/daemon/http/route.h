// A route of the HTTP interface, and a call of it.
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

using HttpRespond = std::function<void(HttpResponse)>;
struct HttpRoute;

// A request that may be carried out.
struct HttpCall {
  HttpRequest request;
  HttpTarget target;
  std::optional<Session> session;       // Absent only where the route needs no token.
  std::vector<std::string> parameters;  // What the path holds at {…}, in its order.
  const HttpRoute* route = nullptr;
  std::size_t who = 0;  // The same for all calls with one token; zero without any.
  std::shared_ptr<HttpCaller> caller = std::make_shared<HttpCaller>();  // Of this request. Never null.
};

// Answers exactly once: before it returns, or later from the sequencer's thread.
using HttpHandler = void (*)(const HttpCall& call, const HttpRespond& respond);

// kOperator: a token for the whole ledger with the right to operate, unless HttpAccessPolicy::open_metrics.
enum class HttpAccess { kOpen, kToken, kOperator };

struct HttpRoute {
  std::string_view method;
  std::string_view path;  // "/v1/runs/{id}"
  HttpAccess access = HttpAccess::kToken;
  std::vector<std::string_view> queries;  // The names that its query may have.
  std::vector<std::string_view> members;  // Those that its body may have; without any, there may be none.
  HttpHandler handler = nullptr;          // Null: answered by HttpRoutes itself.
  bool waits = false;                     // For what comes: its caller may be gone before it is answered.
};

}  // namespace runledger
