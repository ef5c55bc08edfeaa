// The HTTP interface without its sockets: the table of routes, and how a request is admitted and answered.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tools/daemon/access/operations.h"
#include "tools/daemon/access/session.h"
#include "tools/daemon/http/caller.h"
#include "tools/daemon/http/message.h"
#include "tools/daemon/http/options.h"
#include "tools/daemon/http/route.h"
#include "tools/daemon/http/tree.h"

namespace runledger {

// The functions by which the routes reach the rest of the daemon.
struct HttpSources {
  // Returns nullopt for an empty, unknown, revoked or expired token. Called on the thread of the connections, so it
  // must not block.
  std::function<std::optional<Session>(std::string_view bearer_token)> authenticate;
  Operations operations = {};  // For /readyz and /metrics.
  TreeReads tree = {};         // For /checkpoint and /tile/.
  // Called, on any thread, with every failure of which the caller sees only the code. May be empty.
  std::function<void(std::string_view code, std::string_view what)> report;
};

// All routes, sorted by path and method.
[[nodiscard]] const std::vector<HttpRoute>& http_routes();

// Answers requests in two steps: admit() decides by the header, and carry_out() does the work once the body has come.
// Neither throws: each error becomes a response. Any thread may use it.
class HttpRoutes {
 public:
  // `scheme` is the one that callers use: "http" or "https".
  HttpRoutes(HttpSources sources, HttpAccessPolicy access, std::string_view scheme);

  // Checks what the header alone shows: the host and origin, the target, the route, the caller's token, and the form of
  // query and body. Returns the call if it may be carried out, and otherwise the response. Codes, in the order of the
  // checks: "host.denied", "origin.denied", "http.malformed", "route.not_found", "method.not_allowed",
  // "access.unauthenticated", "query.invalid", "body.malformed", "http.media_type". Requires a request without its
  // body. Waits for nothing but the file of the tokens.
  [[nodiscard]] std::variant<HttpCall, HttpResponse> admit(HttpRequest request) const;

  // Requires a call that admit() returned, with the body in its request. Checks the token again, since the body may
  // have taken long to come. Calls `respond` exactly once: before it returns, or later as HttpHandler says. May block
  // for as long as a read.
  void carry_out(const HttpCall& call, const HttpRespond& respond) const;

  // Returns the response to a caller whose token has ended, or can no longer be checked, while it waits. Requires a
  // call that has a session. Codes "access.unauthenticated", and that of the failure.
  [[nodiscard]] std::optional<HttpResponse> refuse_ended_token(const HttpCall& call) const;

  // Whether carry_out() is so quick that the thread of the connections may call it.
  [[nodiscard]] static bool is_instant(const HttpCall& call);
  // Whether a monitor asks (is_probe() of the target): it is answered also when all places are taken.
  [[nodiscard]] static bool is_probe(const HttpCall& call);
  // Whether carry_out() submits a command, and waits for a disk no longer than it takes to find a run.
  [[nodiscard]] static bool is_command(const HttpCall& call);

  // Adds the headers by which a browser lets the requesting page read the response, if its origin is allowed.
  void open_to_origin(const HttpRequest& request, HttpResponse& response) const;

  // Reports a failure outside of carry_out() and admit().
  void report(std::string_view code, std::string_view what) const {
    if (sources_.report) sources_.report(code, what);
  }

 private:
  [[nodiscard]] std::optional<HttpResponse> refuse_origin(const HttpRequest& request) const;
  [[nodiscard]] bool allows_origin(const HttpRequest& request) const;
  [[nodiscard]] bool is_configured(const std::string& origin) const;
  [[nodiscard]] std::variant<HttpCall, HttpResponse> admit_or_fail(HttpRequest request) const;
  [[nodiscard]] std::optional<HttpResponse> find_route(HttpCall& call) const;
  [[nodiscard]] std::optional<HttpResponse> find_session(HttpCall& call) const;
  [[nodiscard]] bool needs_token(const HttpRoute& route) const;
  // Reports the error; the response says only that it is a bug.
  [[nodiscard]] HttpResponse bug(const std::exception& error) const;
  [[nodiscard]] HttpResponse readiness() const;
  [[nodiscard]] HttpResponse metrics(const HttpCall& call) const;
  [[nodiscard]] HttpResponse tree(const HttpCall& call) const;

  HttpSources sources_;
  HttpAccessPolicy access_;
  std::string scheme_;
};

}  // namespace runledger
