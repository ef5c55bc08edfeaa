// The client of Microsoft Graph: pages of items, actions, patience with throttling. The only home of libcurl.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "jobs/graph/failure.h"
#include "ledger/values/json_value.h"
#include "ledger/values/names.h"

namespace runledger {

struct GraphOptions {
  std::string base_url = "https://graph.microsoft.com/beta";  // See GraphAddress::parse.
  std::filesystem::path token_file = {};                      // See token_path(): may be one file a tenant.
  std::filesystem::path ca_file = {};  // Certificates to trust instead of the system's. Empty: the system's.

  std::chrono::milliseconds connect_time_max{10'000};
  std::chrono::milliseconds request_time_max{60'000};   // From the connection to the last byte of the answer.
  std::chrono::milliseconds run_time_max{30 * 60'000};  // For everything that one client does.

  // Of answers that say "later" (429, 503, 509).
  unsigned retries_max = 5;                       // For one request.
  std::chrono::milliseconds wait_max{120'000};    // An answer that wants a longer wait ends the request.
  std::chrono::milliseconds wait_default{2'000};  // The first wait where the answer names none; doubled each time.

  std::size_t body_bytes_max = 8UL * 1024 * 1024;  // Of one answer.
  std::size_t run_bytes_max = 64UL * 1024 * 1024;  // Of all answers together.
  std::size_t pages_max = 1'000;                   // Of one listing.
  std::size_t items_max = 100'000;                 // Of all listings together.
};

// Talks to one address on behalf of one tenant, for the time of one run. Keeps its connection. Redirects are never
// followed, proxies never used, whatever the environment says. Not for several threads at once.
//
// What goes wrong is thrown as GraphFailure. A stop that is requested ends a transfer and a wait at once (kStopped).
class GraphClient {
 public:
  // Requires a base URL that GraphAddress::parse takes.
  GraphClient(const GraphOptions& options, const Scope& scope, std::stop_token stop);
  ~GraphClient();
  GraphClient(const GraphClient&) = delete;
  GraphClient& operator=(const GraphClient&) = delete;

  using Visit = std::function<void(const JsonValue& item)>;

  // GET: calls `visit` with each member of "value", page after page along @odata.nextLink; one request a page. `visit`
  // may use the client. `path` begins with '/' and is appended to the base URL.
  void for_each_item(std::string_view path, const Visit& visit);

  // The same from a link that Graph gave for the rest of a list. kForeignLink when it leads to another origin.
  void for_each_item_from(std::string_view link, const Visit& visit);

  // POST of JSON. The answer's body is read, and not looked at.
  void post(std::string_view path, const std::string& body);

 private:
  class Transfers;
  std::unique_ptr<Transfers> transfers_;
};

}  // namespace runledger
