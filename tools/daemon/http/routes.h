// What the HTTP way in offers: the table of routes, and how a request is answered, apart from sockets.
#pragma once

#include <exception>
#include <functional>
#include <memory>
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

namespace runledger {

// What the routes ask others for.
struct HttpSources {
  // Nothing for a token that is not good, which an empty one never is. Called from the thread of the connections; must
  // not block.
  std::function<std::optional<Session>(std::string_view bearer_token)> authenticate;
  Operations operations = {};  // For /readyz and /metrics.
  // Told of every failure that a caller sees as no more than its code; from any thread. May be empty.
  std::function<void(std::string_view code, std::string_view what)> report;
};

// Every route, by path and method.
[[nodiscard]] const std::vector<HttpRoute>& http_routes();

// Any thread may use it.
class HttpRoutes {
 public:
  HttpRoutes(HttpSources sources, HttpAccessPolicy access);

  // What can be said by the header alone: who calls, whether from where it may, and whether there is such a thing.
  // In the order: "host.denied", "origin.denied", "http.malformed", "route.not_found", "method.not_allowed",
  // "access.unauthenticated", "query.invalid", "body.malformed", "http.media_type". Requires a request without its
  // body.
  [[nodiscard]] std::variant<HttpCall, HttpResponse> admit(HttpRequest request) const;

  // The call's request has its body now. May block for as long as a read may.
  void carry_out(const HttpCall& call, const HttpRespond& respond) const;

  // Who calls, looked at anew, where an answer lasts. Requires a call that has a session. Absent: its token is no
  // longer good.
  [[nodiscard]] std::optional<Session> authenticate_again(const HttpCall& call) const;

  // Whether carry_out() is so quick that it needs no thread of its own.
  [[nodiscard]] static bool is_instant(const HttpCall& call);
  // Whether it hands on a command, and waits for a disk no longer than it takes to find a run.
  [[nodiscard]] static bool is_command(const HttpCall& call);

  // Lets the page that sent the request read the response, where it is of an origin that is allowed.
  void open_to_origin(const HttpRequest& request, HttpResponse& response) const;

  // Where something broke outside of carry_out() and admit().
  void report(std::string_view code, std::string_view what) const {
    if (sources_.report) sources_.report(code, what);
  }

 private:
  [[nodiscard]] std::optional<HttpResponse> refuse_origin(const HttpRequest& request) const;
  [[nodiscard]] bool allows_origin(const std::string& origin) const;
  [[nodiscard]] std::variant<HttpCall, HttpResponse> admit_or_fail(HttpRequest request) const;
  [[nodiscard]] std::optional<HttpResponse> find_route(HttpCall& call) const;
  [[nodiscard]] std::optional<HttpResponse> find_session(HttpCall& call) const;
  [[nodiscard]] bool needs_token(const HttpRoute& route) const;
  [[nodiscard]] HttpResponse bug(
      const std::exception& error) const;  // Reported; its caller learns only that it is one.
  [[nodiscard]] HttpResponse readiness() const;
  [[nodiscard]] HttpResponse metrics(const HttpCall& call) const;

  HttpSources sources_;
  HttpAccessPolicy access_;
};

}  // namespace runledger
