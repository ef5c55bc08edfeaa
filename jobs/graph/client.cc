// A client over libcurl: one easy handle (the connection) within one multi handle (whose poll a stop request can wake).
//
// The layers, from the outside: for_each_item() calls visit_pages(), which follows @odata.nextLink and counts pages and
// items; each page is one ask(), which repeats a request as far as the answer allows; each try is one transfer(), which
// sets all options of the easy handle, runs it in perform(), and counts bytes. post() is a single ask().
//
// ask() repeats a request in two cases only. After a 401 it reads the token file again, once per request, and repeats
// if that holds another token. After 429, 503 and 509 it waits for the time in Retry-After, or a doubling default.
// Other faults are thrown immediately: whether a later attempt of the run may succeed is in the table of failure.cc.
//
// Limits hold for the whole run: left() gives each transfer the rest of the run's time, and a wait that would exceed it
// fails immediately instead of sleeping for nothing. The sizes of body and headers are checked as they arrive.
//
// The token must not leak. It is only sent to the origin of the base URL: GraphAddress::followed() rebuilds links,
// redirects and proxies are off, and no message quotes an answer that repeats the token.
#include "jobs/graph/client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "jobs/graph/address.h"
#include "jobs/graph/failure.h"
#include "jobs/graph/token.h"
#include "ledger/base/ascii.h"
#include "ledger/base/assert.h"
#include "ledger/base/retry.h"
#include "ledger/values/json.h"

namespace runledger {

namespace {

using Instant = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

constexpr std::size_t kHeaderBytesMax = 64 * 1024;
constexpr int kPollMs = 1'000;  // For libcurl's own timeouts only: a stop and an answer end the poll sooner.
constexpr std::string_view kRetryAfter = "retry-after:";
constexpr std::string_view kNextLink = "@odata.nextLink";

// Enough for a page of a thousand policies with some assignments each. Another's numbers are no reason to refuse it.
constexpr JsonLimits page_limits(std::size_t bytes_max) {
  return {.bytes_max = bytes_max, .depth_max = 32, .keys_max = 1'000'000, .numbers = JsonNumbers::kRounded};
}

// libcurl requires this once per process, before its first use. A static variable makes it safe on any thread.
void require_libcurl() {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  RUNLEDGER_ASSERT(initialised == CURLE_OK);
}

// One deleter per type of handle, because they are all typedefs of void and one overload set could not tell them apart.
struct EasyCleanUp {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct MultiCleanUp {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct ListCleanUp {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

class Fields {
 public:
  void add(const std::string& line) {
    curl_slist* longer = curl_slist_append(list_.get(), line.c_str());
    RUNLEDGER_ASSERT(longer != nullptr);
    static_cast<void>(list_.release());
    list_.reset(longer);
  }
  [[nodiscard]] curl_slist* get() const { return list_.get(); }

 private:
  std::unique_ptr<curl_slist, ListCleanUp> list_;
};

struct Request {
  std::string url;
  const std::string* body = nullptr;  // Null: GET.
};

struct Received {
  int status = 0;
  std::string body;
  std::string retry_after;
  std::size_t header_bytes = 0;
  std::size_t body_bytes_max = 0;
  bool body_too_large = false;
};

std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* received) {
  auto& into = *static_cast<Received*>(received);
  into.body_too_large = count > into.body_bytes_max - into.body.size();
  if (into.body_too_large) return 0;
  into.body.append(bytes, count);
  return count;
}

std::size_t take_header(char* bytes, std::size_t, std::size_t count, void* received) {
  auto& into = *static_cast<Received*>(received);
  into.header_bytes += count;
  if (into.header_bytes > kHeaderBytesMax) return 0;
  const std::string_view line(bytes, count);
  if (equals_ignoring_case(line.substr(0, kRetryAfter.size()), kRetryAfter))
    into.retry_after = std::string(stripped(line.substr(kRetryAfter.size())));
  return count;
}

GraphFault fault_of(CURLcode code, const Received& received) {
  if (received.body_too_large) return GraphFault::kBodyTooLarge;
  switch (code) {
    case CURLE_FILESIZE_EXCEEDED:
      return GraphFault::kBodyTooLarge;
    case CURLE_OPERATION_TIMEDOUT:
      return GraphFault::kTimeout;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
      return GraphFault::kUnreachable;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return GraphFault::kUntrusted;
    case CURLE_WRITE_ERROR:  // take_header() refused a header that is larger than its limit.
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return GraphFault::kMalformed;
    default:
      return GraphFault::kConnectionLost;
  }
}

[[noreturn]] void throw_stopped() {
  throw GraphFailure(GraphFault::kStopped, "the worker was asked to stop");
}

}  // namespace

class GraphClient::Transfers {
 public:
  Transfers(const GraphOptions& options, const Scope& scope, std::stop_token stop)
      : options_(options),
        address_(*GraphAddress::parse(options.base_url)),
        token_(token_path(options.token_file, scope)),
        stop_(std::move(stop)),
        deadline_(std::chrono::steady_clock::now() + options.run_time_max) {
    require_libcurl();
    easy_.reset(curl_easy_init());
    multi_.reset(curl_multi_init());
    RUNLEDGER_ASSERT(easy_ && multi_);
  }

  [[nodiscard]] const GraphAddress& address() const { return address_; }

  // Returns the body of a 2xx answer, after as many waits and retries as the options allow.
  std::string ask(const Request& request);
  void visit_pages(std::string url, const Visit& visit, const std::function<void()>& begin_page);
  bool wait_before_retry(unsigned tries);

 private:
  Received transfer(const Request& request);
  void set_options(const Request& request, const Fields& fields, Received& received, milliseconds time_max);
  CURLcode perform();
  // Waits before a retry. Throws if the wait would be too long, or after too many retries.
  void wait(const Received& answer, GraphFault fault, unsigned retries);
  milliseconds left() const;
  std::string said(const Received& answer);

  const GraphOptions options_;
  const GraphAddress address_;
  GraphToken token_;
  const std::stop_token stop_;
  const Instant deadline_;
  std::unique_ptr<CURL, EasyCleanUp> easy_;
  std::unique_ptr<CURLM, MultiCleanUp> multi_;
  std::size_t bytes_ = 0;
  std::size_t items_ = 0;
};

milliseconds GraphClient::Transfers::left() const {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - std::chrono::steady_clock::now());
  if (left.count() <= 0)
    throw GraphFailure(GraphFault::kDeadline,
                       fmt::format("not done within {} s", options_.run_time_max / std::chrono::seconds(1)));
  return left;
}

// Describes an answer for a message. If the answer repeats the token, nothing of its body is quoted.
std::string GraphClient::Transfers::said(const Received& answer) {
  const bool repeats_token = answer.body.find(token_.shown()) != std::string::npos;
  const std::string code = repeats_token ? "" : graph_error_code(answer.body);
  return code.empty() ? fmt::format("status {}", answer.status) : fmt::format("status {} ({})", answer.status, code);
}

void GraphClient::Transfers::set_options(const Request& request, const Fields& fields, Received& received,
                                         milliseconds time_max) {
  CURL* easy = easy_.get();
  curl_easy_reset(easy);  // Keeps the connection.
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, address_.is_encrypted() ? "https" : "http");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // Also disables the proxies that environment variables name.
  curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // A stop does not wait for a name server that does not answer.
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_time_max.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(time_max.count()));
  curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options_.body_bytes_max));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options_.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "runledger");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields.get());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &received);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &received);
  if (request.body != nullptr) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body->size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body->c_str());
  }
}

CURLcode GraphClient::Transfers::perform() {
  const std::stop_callback wake(stop_, [this] { curl_multi_wakeup(multi_.get()); });
  RUNLEDGER_ASSERT(curl_multi_add_handle(multi_.get(), easy_.get()) == CURLM_OK);
  // Removes the handle on every way out; if a stop ends the transfer, this closes its connection.
  const auto remove = [this](CURL* easy) { curl_multi_remove_handle(multi_.get(), easy); };
  const std::unique_ptr<CURL, decltype(remove)> added(easy_.get(), remove);
  int running = 1;
  while (running != 0) {
    if (stop_.stop_requested()) throw_stopped();
    CURLMcode done = curl_multi_perform(multi_.get(), &running);
    if (done == CURLM_OK && running != 0) done = curl_multi_poll(multi_.get(), nullptr, 0, kPollMs, nullptr);
    RUNLEDGER_ASSERT(done == CURLM_OK);
  }
  int messages = 0;
  const CURLMsg* message = curl_multi_info_read(multi_.get(), &messages);
  RUNLEDGER_ASSERT(message != nullptr && message->msg == CURLMSG_DONE);
  return message->data.result;
}

Received GraphClient::Transfers::transfer(const Request& request) {
  const milliseconds left_for_run = left();
  Fields fields;
  fields.add("Authorization: Bearer " + token_.current());
  fields.add("Accept: application/json");
  if (request.body != nullptr) {
    fields.add("Content-Type: application/json");
    fields.add("Expect:");  // Without this, libcurl would announce large bodies first, at the cost of a round trip.
  }
  Received received;
  received.body_bytes_max = options_.body_bytes_max;
  set_options(request, fields, received, std::min(options_.request_time_max, left_for_run));
  const CURLcode code = perform();
  if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  if (code == CURLE_OPERATION_TIMEDOUT) static_cast<void>(left());  // Throws kDeadline if the run's time has ended.
  if (code != CURLE_OK) throw GraphFailure(fault_of(code, received), curl_easy_strerror(code));
  long status = 0;  // NOLINT(google-runtime-int): the type that libcurl writes to.
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  received.status = static_cast<int>(status);
  bytes_ += received.body.size();
  if (bytes_ > options_.run_bytes_max)
    throw GraphFailure(GraphFault::kTooMuch, fmt::format("more than {} bytes in all", options_.run_bytes_max));
  return received;
}

void GraphClient::Transfers::wait(const Received& answer, GraphFault fault, unsigned retries) {
  if (retries >= options_.retries_max)
    throw GraphFailure(fault, fmt::format("{}, still after {} retries", said(answer), options_.retries_max));
  const auto asked = parse_retry_after(answer.retry_after, SystemClock().now());
  const RetryDelays unasked{.first = options_.wait_default, .max = milliseconds::max()};
  const milliseconds pause = asked ? std::chrono::ceil<milliseconds>(*asked) : unasked.after(retries + 1);
  if (pause > options_.wait_max)
    throw GraphFailure(fault,
                       fmt::format("{}, and wants a wait of {} s; {} s is the most", said(answer),
                                   pause / std::chrono::seconds(1), options_.wait_max / std::chrono::seconds(1)));
  if (pause >= left())
    throw GraphFailure(GraphFault::kDeadline, fmt::format("{}, and the time for the run ends before it may be asked "
                                                          "again",
                                                          said(answer)));
  if (!wait_unless_stopped(stop_, pause)) throw_stopped();
}

std::string GraphClient::Transfers::ask(const Request& request) {
  bool renewed = false;
  for (unsigned retries = 0;;) {
    Received answer = transfer(request);
    const std::optional<GraphFault> fault = fault_of_status(answer.status);
    if (!fault) return std::move(answer.body);
    if (fault == GraphFault::kUnauthorized && !std::exchange(renewed, true) && token_.renew()) continue;
    const bool later = fault == GraphFault::kThrottled || answer.status == 503;
    if (!later) throw GraphFailure(*fault, said(answer));
    wait(answer, *fault, retries++);
  }
}

bool GraphClient::Transfers::wait_before_retry(unsigned tries) {
  const RetryDelays delays{.first = options_.wait_default, .max = options_.wait_max};
  const milliseconds pause = delays.after(tries);
  return std::chrono::steady_clock::now() + pause < deadline_ && wait_unless_stopped(stop_, pause);
}

void GraphClient::Transfers::visit_pages(std::string url, const Visit& visit, const std::function<void()>& begin_page) {
  std::set<std::string> seen;
  for (std::size_t pages = 0;; ++pages) {
    if (pages == options_.pages_max)
      throw GraphFailure(GraphFault::kTooMuch, fmt::format("more than {} pages", options_.pages_max));
    if (!seen.insert(url).second) throw GraphFailure(GraphFault::kMalformed, "its pages lead in a circle");
    const Result<JsonValue> page = parse_json(ask({.url = url}), page_limits(options_.body_bytes_max));
    if (!page)
      throw GraphFailure(GraphFault::kMalformed, "a page is no JSON that can be used: " + page.rejection().code);
    const auto* items = page->find<JsonValue::Array>("value");
    if (items == nullptr) throw GraphFailure(GraphFault::kMalformed, "a page has no list \"value\"");
    begin_page();
    for (const JsonValue& item : *items) {
      if (++items_ > options_.items_max)
        throw GraphFailure(GraphFault::kTooMuch, fmt::format("more than {} items", options_.items_max));
      visit(item);
    }
    const JsonValue* next_link = page->find(kNextLink);
    if (next_link == nullptr || next_link->is_null()) return;
    const auto* link = page->find<std::string>(kNextLink);
    if (link == nullptr) throw GraphFailure(GraphFault::kMalformed, "a page's link to the next is no text");
    std::optional<std::string> next = address_.followed(*link);
    if (!next) throw GraphFailure(GraphFault::kForeignLink, "a page's link to the next leads to another server");
    url = *std::move(next);
  }
}

GraphClient::GraphClient(const GraphOptions& options, const Scope& scope, std::stop_token stop)
    : transfers_(std::make_unique<Transfers>(options, scope, std::move(stop))) {}

GraphClient::~GraphClient() = default;

void GraphClient::for_each_item(std::string_view path, const Visit& visit, const std::function<void()>& begin_page) {
  transfers_->visit_pages(transfers_->address().url(path), visit, begin_page);
}

void GraphClient::for_each_item_from(std::string_view link, const Visit& visit) {
  std::optional<std::string> url = transfers_->address().followed(link);
  if (!url) throw GraphFailure(GraphFault::kForeignLink, "a link to the rest of a list leads to another server");
  transfers_->visit_pages(*std::move(url), visit, [] {});
}

void GraphClient::post(std::string_view path, const std::string& body) {
  const std::string answer = transfers_->ask({.url = transfers_->address().url(path), .body = &body});
  if (stripped(answer).empty()) return;
  const Result<JsonValue> document = parse_json(answer, page_limits(answer.size()));
  if (!document || document->get_if<JsonValue::Object>() == nullptr)
    throw GraphFailure(GraphFault::kMalformed, "the answer to a change is no JSON object");
}

bool GraphClient::wait_before_retry(unsigned tries) {
  return transfers_->wait_before_retry(tries);
}

}  // namespace runledger
