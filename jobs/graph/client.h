// A client for Microsoft Graph: it reads paged lists, sends actions, and obeys throttling. Only client.cc uses libcurl.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "ledger/values/json_value.h"
#include "ledger/values/names.h"

namespace runledger {

struct GraphOptions {
  std::string base_url = "https://graph.microsoft.com/beta";  // See GraphAddress::parse.
  std::filesystem::path token_file = {};                      // See token_path(): may be one file per tenant.
  std::filesystem::path ca_file = {};  // Replaces the trusted certificates of the system. Empty: the system's.

  std::chrono::milliseconds connect_time_max{10'000};
  std::chrono::milliseconds request_time_max{60'000};   // From the connection to the last byte of the answer.
  std::chrono::milliseconds run_time_max{30 * 60'000};  // From the construction of a client, for all that it does.

  // Retries after an answer that asks the client to come back later (429, 503, 509).
  unsigned retries_max = 5;                       // Per request.
  std::chrono::milliseconds wait_max{120'000};    // A request fails if the answer asks for a longer wait.
  std::chrono::milliseconds wait_default{2'000};  // The first wait if the answer names no time; doubled for each retry.

  std::size_t body_bytes_max = 8UL * 1024 * 1024;  // Per answer.
  std::size_t run_bytes_max = 64UL * 1024 * 1024;  // For all answers of a client together.
  std::size_t pages_max = 1'000;                   // Per list.
  std::size_t items_max = 100'000;                 // For all lists of a client together.
};

// Talks to one address on behalf of one tenant, for the duration of one run, over a connection that it keeps open. It
// never follows redirects and never uses a proxy, whatever the environment says. Used by one thread at a time.
//
// Every function throws GraphFailure when something goes wrong. A stop request ends a transfer or a wait immediately,
// with kStopped.
class GraphClient {
 public:
  // Requires a base URL that GraphAddress::parse accepts. Connects at the first request.
  GraphClient(const GraphOptions& options, const Scope& scope, std::stop_token stop);
  ~GraphClient();
  GraphClient(const GraphClient&) = delete;
  GraphClient& operator=(const GraphClient&) = delete;

  using Visit = std::function<void(const JsonValue& item)>;

  // Sends GET and calls `visit` with each member of "value", page after page along @odata.nextLink, with one request
  // per page. A link that is null ends the list. Before the members of each page it calls `begin_page`. Both may use
  // the client. `path` begins with '/' and is appended to the base URL.
  void for_each_item(
      std::string_view path, const Visit& visit, const std::function<void()>& begin_page = [] {});

  // Does the same from a link that Graph returned for the rest of a list. Throws kForeignLink if the link leads to
  // another origin.
  void for_each_item_from(std::string_view link, const Visit& visit);

  // Sends a POST with a JSON body. Throws kMalformed unless the answer has no body, or a JSON object, which is ignored:
  // a page in its place comes from something between Graph and us.
  void post(std::string_view path, const std::string& body);

  // Waits as long as before the repetition of a request that names no time, to try once more what failed `tries` times.
  // Returns false, early or at once, when the stop is requested or the time for the run would be over by then.
  [[nodiscard]] bool wait_before_retry(unsigned tries);

 private:
  class Transfers;
  std::unique_ptr<Transfers> transfers_;
};

}  // namespace runledger
