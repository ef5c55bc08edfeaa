// A thousand idle callers and a hundred that read no answers, over RPC and over HTTP each: other callers are served,
// memory stays bounded, the daemon closes the slow connections, and it keeps nothing of them.
//
// Three kinds of slow callers are used, over RPC and over HTTP each:
//   - idle callers are served once and then send nothing, which is allowed;
//   - deaf callers send hundreds of requests for large answers, and read none of them;
//   - trickling callers send the beginning of a message and never the rest.
//
// The test makes the idle ones first and measures the daemon's memory. It then adds the others, and keeps working as a
// normal caller until the metrics say that the daemon has closed all deaf and trickling connections. It checks that no
// normal call took longer than the stall timeout, that the peak of the memory is below the bounds at the top of the
// file, that the idle connections still work, and that no socket is left at the end.
//
// Memory is read from /proc, VmRSS for the current amount and VmHWM for the peak, because limits that the daemon only
// counts itself would prove nothing.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <fstream>

#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/http_client.h"
#include "tests/fixtures/world/memory.h"
#include "tests/tools/daemon/rpc/rpc_peer.h"

namespace runledger {
namespace {

using nlohmann::json;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kIdle = 1000;
constexpr std::size_t kDeaf = 100;
constexpr std::size_t kTrickling = 10;
// The number of questions of each deaf caller, which does not wait for the answers.
constexpr unsigned kQuestions = 200;
constexpr unsigned kEventsPerAnswer = 16;
constexpr std::size_t kBytesPerEvent = 16 * 1024;
// The receive buffer of a deaf HTTP caller; the system's default would take megabytes.
constexpr int kUnreadBytes = 4096;
constexpr auto kStall = std::chrono::seconds(6);  // The stall timeout of the daemon.

// The memory that they may cost, in KiB. An idle connection has its buffers and capabilities, which are tens of KiB. A
// deaf RPC connection has 256 KiB of queued answers, and the answers before and after the daemon notices that, each of
// which takes a third of a MiB when it is read and again when it is sent. A deaf HTTP connection has one answer. That
// is a MiB each, and twice that is allowed, because memory that was freed in the last seconds still counts. Without
// limits, the daemon would hold 12 GiB for the deaf callers.
constexpr std::size_t kIdleMost = 2 * kIdle * kMib / 16 + kMemorySlack;
constexpr std::size_t kDeafMost = 2 * kDeaf * 2 * kMib;

std::string events_asked(std::uint32_t question) {
  return rpc_call({.question = question, .on = 3, .interface = capnp::typeId<rpc::Auditor>(), .method = 0},
                  [](auto params) { params.template initAs<rpc::Auditor::EventsParams>().setLimit(kEventsPerAnswer); });
}

class SlowCallers : public testing::Test {
 protected:
  CliLedger ledger;
  std::string token =
      ledger.json({"token", "issue", "--every-workspace", "--right", "audit", "--right", "operate"}).at("token");
  std::unique_ptr<Program> daemon;
  std::uint16_t port = 0;

  void SetUp() override {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    ASSERT_GE(limit.rlim_cur, 3 * kIdle) << "this machine does not allow a process that many connections";
    fill();
    daemon = std::make_unique<Program>(
        ledger.command({"serve", "--format", "json", "--http", "127.0.0.1:0", "--connections", "1500",
                        "--stall-timeout", fmt::format("{}s", kStall.count()), "--idle-timeout", "1h"}));
    ASSERT_TRUE(daemon->wait_for_output("\n"));
    const std::string address = json::parse(daemon->output()).at("http");
    port = static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
  }

  // Imports enough events for one answer. They are few and large, because this test is not about the speed of JSON.
  void fill() const {
    std::string journal;
    for (unsigned i = 0; i < kEventsPerAnswer; ++i) {
      const json line{{"kind", "requested"},
                      {"run", fmt::format("r{}", i)},
                      {"workspace", "acme"},
                      {"type", "demo.sync"},
                      {"input", {{"n", i}, {"text", std::string(kBytesPerEvent, 'a')}}},
                      {"at", "2026-01-05T08:00:00Z"}};
      journal += line.dump() + "\n";
    }
    ASSERT_EQ(ledger.run({"import", ledger.file("journal", journal)}).status, 0);
  }

  [[nodiscard]] std::filesystem::path socket() const { return ledger.data() / "socket"; }
  [[nodiscard]] std::string get(const std::string& target) const {
    return http_text({.target = target, .token = token});
  }
  [[nodiscard]] double metric(const std::string& name) const {
    HttpClient client(port);
    client.send(get("/metrics"));
    for (const std::string& line : lines_of(client.read().body)) {
      if (line.starts_with(name + " ")) return std::stod(line.substr(name.size() + 1));
    }
    ADD_FAILURE() << name;
    return 0;
  }
  [[nodiscard]] double cut(const std::string& reason, const std::string& way) const {
    return metric(fmt::format(R"(runledger_connections_cut_total{{reason="{}",way="{}"}})", reason, way));
  }
  // Waits up to a minute until `expected` connections are open, and returns how many are. A connection counts as closed
  // for slowness a moment before it is closed.
  [[nodiscard]] double open(const std::string& way, double expected) const {
    const auto deadline = SteadyClock::now() + std::chrono::minutes(1);
    double count = 0;
    do {
      count = metric(fmt::format(R"(runledger_connections{{way="{}"}})", way));
    } while (count != expected && SteadyClock::now() < deadline);
    return count;
  }

  // Returns a value of the daemon such as "VmRSS", in KiB.
  [[nodiscard]] std::size_t memory(const std::string& kind) const {
    std::ifstream status(fmt::format("/proc/{}/status", daemon->id()));
    std::string word;
    while (status >> word && word != kind + ":") {
    }
    std::size_t kib = 0;
    status >> kib;
    EXPECT_GT(kib, 0U);
    return kib;
  }
  [[nodiscard]] std::size_t sockets() const {
    std::size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", daemon->id()))) {
      std::error_code gone;
      if (std::filesystem::read_symlink(file, gone).string().starts_with("socket:")) ++count;
    }
    return count;
  }

  // Connects callers that are served once and then stay idle.
  [[nodiscard]] std::deque<RpcPeer> idle_over_rpc() const {
    std::deque<RpcPeer> all;
    for (std::size_t i = 0; i < kIdle; ++i) {
      all.emplace_back(socket());
      all.back().send(rpc_opening());
    }
    for (RpcPeer& each : all) EXPECT_EQ(each.answer_to(2), "results");
    return all;
  }
  [[nodiscard]] std::deque<HttpClient> idle_over_http() const {
    std::deque<HttpClient> all;
    for (std::size_t i = 0; i < kIdle; ++i) {
      all.emplace_back(port);
      all.back().send(get("/healthz"));
    }
    for (HttpClient& each : all) EXPECT_EQ(each.read().status, 200);
    return all;
  }

  // Connects callers that ask and never read. Their requests fit into the system's buffers, so sending does not block.
  [[nodiscard]] std::deque<RpcPeer> deaf_over_rpc() const {
    std::string conversation =
        rpc_opening() + rpc_call({.question = 3, .on = 1, .interface = capnp::typeId<rpc::Session>(), .method = 2});
    for (unsigned i = 0; i < kQuestions; ++i) conversation += events_asked(4 + i);
    std::deque<RpcPeer> all;
    for (std::size_t i = 0; i < kDeaf; ++i) all.emplace_back(socket()).send(conversation);
    return all;
  }
  [[nodiscard]] std::deque<HttpClient> deaf_over_http() const {
    std::string conversation;
    for (unsigned i = 0; i < kQuestions; ++i) conversation += get(fmt::format("/v1/events?limit={}", kEventsPerAnswer));
    std::deque<HttpClient> all;
    for (std::size_t i = 0; i < kDeaf; ++i) all.emplace_back(port, kUnreadBytes).send(conversation);
    return all;
  }

  // Serves other callers until the daemon has closed all slow connections. Sets `longest` to the longest time that one
  // of them had to wait.
  void serve_others(SteadyClock::duration& longest) const {
    const auto bystander = connect_client({.socket = socket(), .token = {}});
    const auto all_cut = [this] {
      return cut("slow-reader", "rpc") + cut("slow-reader", "http") >= 2 * kDeaf &&
             cut("slow-sender", "rpc") + cut("slow-sender", "http") >= 2 * kTrickling;
    };
    const auto deadline = SteadyClock::now() + std::chrono::minutes(1);
    auto begun = SteadyClock::now();
    for (int n = 0; !all_cut() && SteadyClock::now() < deadline; ++n) {
      RunRequest request;
      request.workspace = examples::workspace();
      request.type = examples::type("demo.sync");
      request.input = examples::input(fmt::format("{{\"n\":{}}}", n));
      EXPECT_TRUE(std::holds_alternative<Reply>(bystander->submit(request, {})));
      HttpClient browser(port);
      browser.send(get("/v1/stats"));
      ASSERT_EQ(browser.read().status, 200);
      longest = std::max(longest, SteadyClock::now() - begun);
      begun = SteadyClock::now();
    }
  }
};

TEST_F(SlowCallers, ByTheThousandAreBoundedAndCutWhileTheOthersAreServed) {
  const std::size_t sockets_before = sockets();
  const std::size_t before = memory("VmRSS");
  auto idle_rpc = idle_over_rpc();
  auto idle_http = idle_over_http();
  const std::size_t with_idle = memory("VmHWM");
  EXPECT_LT(with_idle, before + kIdleMost);
  {
    const auto deaf_rpc = deaf_over_rpc();
    const auto deaf_http = deaf_over_http();
    std::deque<RpcPeer> trickling_rpc;
    std::deque<HttpClient> trickling_http;
    for (std::size_t i = 0; i < kTrickling; ++i) {
      trickling_rpc.emplace_back(socket()).send(rpc_opening().substr(0, 3));
      trickling_http.emplace_back(port).send("GET / HT");
    }
    SteadyClock::duration longest{};
    serve_others(longest);
    EXPECT_LT(longest, kStall) << "no other caller waits for the slow ones";
    fmt::print("the longest wait of a bystander: {} ms\n",
               std::chrono::duration_cast<std::chrono::milliseconds>(longest).count());
  }
  EXPECT_EQ(cut("slow-reader", "rpc"), kDeaf);
  EXPECT_EQ(cut("slow-reader", "http"), kDeaf);
  EXPECT_EQ(cut("slow-sender", "rpc"), kTrickling);
  EXPECT_EQ(cut("slow-sender", "http"), kTrickling);
  const std::size_t most = memory("VmHWM");
  EXPECT_LT(most, before + kIdleMost + kDeafMost);
  fmt::print("memory: {} MiB before, {} with the idle, {} at most\n", before / kMib, with_idle / kMib, most / kMib);

  EXPECT_EQ(open("rpc", kIdle), kIdle) << "idle connections stay open";
  EXPECT_EQ(open("http", kIdle + 1), kIdle + 1) << "idle connections and the one that asks";
  EXPECT_TRUE(idle_rpc.back().send(rpc_request(3, 1)));
  EXPECT_EQ(idle_rpc.back().answer_to(3), "results");
  idle_http.back().send(get("/healthz"));
  EXPECT_EQ(idle_http.back().read().status, 200);

  idle_rpc.clear();
  idle_http.clear();
  const auto deadline = SteadyClock::now() + std::chrono::minutes(1);
  while (sockets() > sockets_before && SteadyClock::now() < deadline) {
  }
  EXPECT_EQ(sockets_before, sockets()) << "all descriptors are closed";
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait().status, 0);
}

}  // namespace
}  // namespace runledger
