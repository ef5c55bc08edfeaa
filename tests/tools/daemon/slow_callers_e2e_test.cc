// A thousand callers who ask for nothing and a hundred who take no answer, over RPC and over HTTP each: the others are
// served, memory stays bounded, those who stand still are cut, and nothing is left of them.
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
#include "tests/tools/daemon/rpc/rpc_peer.h"

namespace runledger {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kIdle = 1000;
constexpr std::size_t kDeaf = 100;
constexpr std::size_t kTrickling = 10;
constexpr unsigned kQuestions = 200;  // Of each of the deaf, without waiting for an answer.
constexpr unsigned kEventsPerAnswer = 16;
constexpr std::size_t kBytesPerEvent = 16 * 1024;
constexpr int kUnreadBytes = 4096;  // That the system takes for one who is deaf; by itself it would take megabytes.
constexpr auto kStall = std::chrono::seconds(6);  // What the daemon gives them.
constexpr std::size_t kMib = 1024;                // In the unit that the system counts in.

// What they may cost, in KiB. An idle connection: its buffers and capabilities, tens of KiB. A deaf one over RPC: what
// may wait for it (256 KiB), and the answers before and after that is noticed, each a third of a MiB in memory as it is
// read and as it is sent; over HTTP: one answer. That is a MiB; as much again, because what was freed in the last
// seconds still counts as the daemon's. Without limits the deaf would be owed 12 GiB.
constexpr std::size_t kIdleMost = 2 * kIdle * 64;
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
    ASSERT_GE(limit.rlim_cur, 3 * kIdle) << "this machine does not let a process have so many connections";
    fill();
    daemon = std::make_unique<Program>(
        ledger.command({"serve", "--format", "json", "--http", "127.0.0.1:0", "--connections", "1500",
                        "--stall-timeout", fmt::format("{}s", kStall.count()), "--idle-timeout", "1h"}));
    ASSERT_TRUE(daemon->wait_for_output("\n"));
    const std::string address = json::parse(daemon->output()).at("http");
    port = static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
  }

  // Enough events for an answer. Few and large ones, because it is not the speed of JSON that is looked at.
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
    return http_text({.target = target, .token = token, .body = ""});
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
  // Those that are open once it is so many; else those that still are after a minute. One that is cut counts as that
  // a moment before it is closed.
  [[nodiscard]] double open(const std::string& way, double expected) const {
    const auto deadline = Clock::now() + std::chrono::minutes(1);
    double count = 0;
    do {
      count = metric(fmt::format(R"(runledger_connections{{way="{}"}})", way));
    } while (count != expected && Clock::now() < deadline);
    return count;
  }

  // "VmRSS" and the like, in KiB.
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

  // Those who were served and then ask for nothing.
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

  // Those who ask and take nothing; what they send fits into the system's buffers, so that it never waits.
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

  // Goes on with everybody else's work until those who stand still are cut. The longest that anybody had to wait.
  void serve_others(Clock::duration& longest) const {
    const auto bystander = connect_client({.socket = socket(), .token = {}});
    const auto all_cut = [this] {
      return cut("slow-reader", "rpc") + cut("slow-reader", "http") >= 2 * kDeaf &&
             cut("slow-sender", "rpc") + cut("slow-sender", "http") >= 2 * kTrickling;
    };
    const auto deadline = Clock::now() + std::chrono::minutes(1);
    auto begun = Clock::now();
    for (int n = 0; !all_cut() && Clock::now() < deadline; ++n) {
      RunRequest order;
      order.workspace = examples::workspace();
      order.type = examples::type("demo.sync");
      order.input = examples::input(fmt::format("{{\"n\":{}}}", n));
      EXPECT_TRUE(std::holds_alternative<Reply>(bystander->submit(order, {})));
      HttpClient browser(port);
      browser.send(get("/v1/stats"));
      ASSERT_EQ(browser.read().status, 200);
      longest = std::max(longest, Clock::now() - begun);
      begun = Clock::now();
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
    Clock::duration longest{};
    serve_others(longest);
    EXPECT_LT(longest, kStall) << "nobody waits for them";
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

  EXPECT_EQ(open("rpc", kIdle), kIdle) << "those who only ask for nothing stay";
  EXPECT_EQ(open("http", kIdle + 1), kIdle + 1) << "they, and who asks";
  EXPECT_TRUE(idle_rpc.back().send(rpc_request(3, 1)));
  EXPECT_EQ(idle_rpc.back().answer_to(3), "results");
  idle_http.back().send(get("/healthz"));
  EXPECT_EQ(idle_http.back().read().status, 200);

  idle_rpc.clear();
  idle_http.clear();
  const auto deadline = Clock::now() + std::chrono::minutes(1);
  while (sockets() > sockets_before && Clock::now() < deadline) {
  }
  EXPECT_EQ(sockets_before, sockets()) << "no descriptor is left of any of them";
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait().status, 0);
}

}  // namespace
}  // namespace runledger
