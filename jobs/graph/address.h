// Where Microsoft Graph is, and which links lead back to it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ledger/values/rejection.h"

namespace runledger {

// The origin (scheme, host, port) of a service and the path under which it answers. A token is shown to this origin and
// to no other.
class GraphAddress {
 public:
  // "https://HOST[:PORT][/PATH]"; http only where the host is the loopback: localhost, 127.x.x.x or [::1]. Code
  // "graph.base_url_invalid", also for what has a user, a query, a fragment, or characters that a URL cannot have.
  [[nodiscard]] static Result<GraphAddress> parse(std::string_view base_url);

  // Of a resource. `path` begins with '/', and may have a query.
  [[nodiscard]] std::string url(std::string_view path) const;

  // Where an @odata.nextLink leads: a URL of the same origin. Absent when it is of another origin, or no such URL at
  // all. The origin of the result is the text of this address, whatever the link's own spelling of it was.
  [[nodiscard]] std::optional<std::string> followed(std::string_view link) const;

  [[nodiscard]] bool is_encrypted() const { return scheme_ == "https"; }

 private:
  GraphAddress() = default;

  std::string scheme_;  // In lower case, as is the host.
  std::string host_;
  std::string port_;
  std::string path_;  // Empty, or begins with '/' and does not end so.
};

}  // namespace runledger
