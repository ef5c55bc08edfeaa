// The address of Microsoft Graph, and the check of links that claim to lead back to it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ledger/values/rejection.h"

namespace runledger {

// The origin (scheme, host, port) of a service, and the path under which it answers. The client sends its token to this
// origin and to no other. Immutable, so any thread may use it.
class GraphAddress {
 public:
  // Parses "https://HOST[:PORT][/PATH]"; http is accepted only if the host is the loopback: localhost, 127.x.x.x or
  // [::1]. Code "graph.base_url_invalid", also for a URL with a user, a query, a fragment, or characters that a URL
  // must not contain.
  [[nodiscard]] static Result<GraphAddress> parse(std::string_view base_url);

  // Returns the URL of a resource. `path` begins with '/' and may have a query.
  [[nodiscard]] std::string url(std::string_view path) const;

  // Returns the URL to which an @odata.nextLink leads. Absent: the link leads to another origin, or is no such URL at
  // all. The result spells the origin as this address does, whatever the spelling in the link was.
  [[nodiscard]] std::optional<std::string> followed(std::string_view link) const;

  [[nodiscard]] bool is_encrypted() const { return scheme_ == "https"; }

 private:
  GraphAddress() = default;

  std::string scheme_;  // In lower case.
  std::string host_;    // In lower case.
  std::string port_;
  std::string path_;  // Empty, or begins with '/' and does not end with it.
};

}  // namespace runledger
