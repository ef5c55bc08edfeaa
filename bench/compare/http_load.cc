// Callers over HTTP, each with a connection that it keeps, on one event loop.
#include <fmt/format.h>
#include <kj/async-io.h>
#include <kj/compat/http.h>
#include <kj/debug.h>

#include <charconv>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "bench/compare/load.h"
#include "ledger/values/digest.h"

namespace runledger::compare {
namespace {

// Returns the text of a member of a JSON object whose members have no nested namesakes, without quotes. A parser would
// take processor time from the daemon that is measured.
std::string_view member(std::string_view body, std::string_view name) {
  const std::string key = fmt::format("\"{}\":", name);
  const std::size_t at = body.find(key);
  if (at == std::string_view::npos) throw std::runtime_error(fmt::format("expected {} in {}", name, body));
  std::string_view value = body.substr(at + key.size());
  value = value.substr(0, value.find_first_of(",}"));
  return value.starts_with('"') ? value.substr(1, value.size() - 2) : value;
}

// The header fields of every request.
struct Fields {
  kj::HttpHeaderTable::Builder builder;
  kj::HttpHeaderId key = builder.add("Idempotency-Key");
  kj::HttpHeaderId authorization = builder.add("Authorization");
  kj::Own<kj::HttpHeaderTable> table = builder.build();
  kj::HttpHeaders common{*table};

  explicit Fields(const Load& load) {
    common.set(kj::HttpHeaderId::HOST, kj::str("127.0.0.1:", load.port));
    common.set(kj::HttpHeaderId::CONTENT_TYPE, "application/json");
    common.set(authorization, kj::str("Bearer ", load.token.c_str()));
  }
};

class HttpCaller {
 public:
  HttpCaller(kj::Own<kj::AsyncIoStream> stream, const Fields& fields, std::size_t number, Tally& tally)
      : fields_(fields),
        stream_(kj::mv(stream)),
        client_(kj::newHttpClient(*fields.table, *stream_)),
        number_(number),
        tally_(tally) {}

  kj::Promise<void> live() {
    if (!tally_.open()) return kj::READY_NOW;
    return request().then([this] { return start(); }).then([this] { return finish(); }).then([this] { return live(); });
  }

 private:
  kj::Promise<void> request() {
    return post("/v1/runs",
                fmt::format(R"({{"workspace":"{}","tenant":"{}","type":"{}","input":{},"initiator":"scheduler"}})",
                            workspace_of(number_), tenant_of(number_), kType, new_input()))
        .then([this](kj::String body) {
          run_ = member({body.begin(), body.size()}, "run_id");
        });
  }
  kj::Promise<void> start() {
    return post(fmt::format("/v1/runs/{}/attempts", run_), fmt::format(R"({{"worker":"{}"}})", kWorker))
        .then([this](kj::String body) {
          const std::string_view text(body.begin(), body.size());
          attempt_ = member(text, "attempt");
          token_ = member(text, "token");
        });
  }
  kj::Promise<void> finish() {
    std::string counts;
    for (std::size_t i = 0; i < std::size(kCounts); ++i)
      counts += fmt::format(R"({}"{}":{})", i == 0 ? "" : ",", kCounts[i], i * 7);
    return post(fmt::format("/v1/runs/{}/attempts/{}/finish", run_, attempt_),
                fmt::format(R"({{"token":{},"outcome":"succeeded","summary_counts":{{{}}}}})", token_, counts))
        .ignoreResult();
  }

  kj::Promise<kj::String> post(const std::string& path, std::string body) {
    const Clock::time_point sent = Clock::now();
    kj::HttpHeaders headers = fields_.common.cloneShallow();
    headers.set(fields_.key, kj::str(format_hex(new_id()).c_str()));
    body_ = std::move(body);
    auto call = client_->request(kj::HttpMethod::POST, path, headers, body_.size());
    auto written = call.body->write(body_.data(), body_.size()).attach(kj::mv(call.body));
    return written.then([response = kj::mv(call.response)]() mutable { return kj::mv(response); })
        .then([this, sent](kj::HttpClient::Response&& response) {
          const auto status = response.statusCode;
          auto text = response.body->readAllText();
          return text.attach(kj::mv(response.body)).then([this, sent, status](kj::String answer) {
            KJ_REQUIRE(status == 200 || status == 201, "expected a reply, found another answer", status, answer);
            tally_.answered(sent, 1);
            return answer;
          });
        });
  }

  const Fields& fields_;
  kj::Own<kj::AsyncIoStream> stream_;
  kj::Own<kj::HttpClient> client_;
  std::size_t number_;
  Tally& tally_;
  std::string body_;
  std::string run_;
  std::string attempt_;
  std::string token_;
};

}  // namespace

void load_http(const Load& load, Tally& tally) {
  auto io = kj::setupAsyncIo();
  const Fields fields(load);
  const std::string address = fmt::format("127.0.0.1:{}", load.port);
  auto target = io.provider->getNetwork().parseAddress(address).wait(io.waitScope);
  std::vector<std::unique_ptr<HttpCaller>> callers;
  kj::Vector<kj::Promise<void>> lives;
  for (std::size_t i = 0; i < load.callers; ++i) {
    callers.push_back(std::make_unique<HttpCaller>(target->connect().wait(io.waitScope), fields, i, tally));
    lives.add(callers.back()->live());
  }
  kj::joinPromises(lives.releaseAsArray()).wait(io.waitScope);
}

}  // namespace runledger::compare
