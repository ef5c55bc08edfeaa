// Which connection leaves when the HTTP server has no place for one more, and what it is told.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <thread>
#include <vector>

#include "tests/tools/daemon/http/http_world.h"

namespace runledger {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using testing::HasSubstr;

// A caller without a token, from the given address of this machine.
class Stranger {
 public:
  Stranger(std::uint16_t port, in_addr_t from) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(from);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  ~Stranger() { ::close(socket_); }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;

  // Returns whether the server has closed the connection by now.
  [[nodiscard]] bool is_closed() const {
    char ignored = 0;
    return ::recv(socket_, &ignored, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
  }

 private:
  int socket_;
};

class HttpPlaces : public testing::Test {
 protected:
  OperationsLog log{{.form = LogForm::kText, .least = LogLevel::kError}};
  DaemonMetrics metrics;
  DaemonWatch watch{log, metrics};

  HttpOptions options(std::size_t places) {
    HttpOptions few;
    few.connections_max = places;
    few.watch = &watch;
    return few;
  }
  [[nodiscard]] std::string counted() { return metrics.text({}); }
  static std::string cut_for(const std::string& reason, int times) {
    return fmt::format("runledger_connections_cut_total{{reason=\"{}\",way=\"http\"}} {}\n", reason, times);
  }
};

TEST_F(HttpPlaces, OfStrangersAreFreedAtTheAddressThatHasMostOfThem) {
  const HttpTestWorld world(options(20));
  const Stranger beside_the_known(world.port(), INADDR_LOOPBACK);
  std::vector<std::unique_ptr<HttpClient>> known;
  for (int i = 0; i < 10; ++i) {
    known.push_back(std::make_unique<HttpClient>(world.port()));
    known.back()->send(http_text({.target = "/v1/types", .token = "north"}));
    EXPECT_EQ(known.back()->read().status, 200);
  }
  std::vector<std::unique_ptr<Stranger>> flood;
  for (int i = 0; i < 9; ++i) flood.push_back(std::make_unique<Stranger>(world.port(), INADDR_LOOPBACK + 1));
  EXPECT_EQ(world.get("/v1/types").status, 200);
  EXPECT_TRUE(flood[0]->is_closed());
  EXPECT_FALSE(beside_the_known.is_closed());
  EXPECT_THAT(counted(), HasSubstr(cut_for("made-room", 1)));
}

TEST_F(HttpPlaces, OfAFewStrangersAreKept) {
  HttpTestWorld world(options(4));
  const Stranger stranger(world.port(), INADDR_LOOPBACK + 1);
  std::vector<std::unique_ptr<HttpClient>> greedy;
  const json claim{{"types", {"demo.sync"}}, {"wait_seconds", 60}};
  for (std::size_t i = 0; i < 3; ++i) {
    greedy.push_back(std::make_unique<HttpClient>(world.port()));
    greedy.back()->send(http_text({.method = "POST", .target = "/v1/claims", .token = "north", .body = claim.dump()}));
    while (world.claims().waiting() <= i) std::this_thread::yield();
  }
  EXPECT_EQ(world.get("/v1/types", HttpTestWorld::kSouth).status, 200);
  EXPECT_EQ(greedy.back()->read().problem(), "503 overloaded");
  EXPECT_FALSE(stranger.is_closed());
}

TEST_F(HttpPlaces, OneThatIsTurnedAwayIsAnsweredByAServerThatStops) {
  HttpOptions limits = options(1);
  limits.linger = milliseconds(200);
  HttpTestWorld world(limits);
  HttpClient first(world.port());
  first.send(http_text({.method = "POST",
                        .target = "/v1/claims",
                        .token = "north",
                        .body = R"({"types":["demo.sync"],"wait_seconds":60})"}));
  while (world.claims().waiting() == 0) std::this_thread::yield();
  HttpClient begun(world.port());
  begun.send("GET /v1/ty");
  EXPECT_EQ(world.get("/healthz", "").status, 200) << "the server has read what came before";
  world.server().stop();
  EXPECT_EQ(begun.read().problem(), "503 overloaded");
}

TEST_F(HttpPlaces, OneThatGaveWayIsCountedOnce) {
  HttpOptions limits = options(2);
  limits.linger = milliseconds(50);
  HttpTestWorld world(limits);
  {
    HttpClient filler(world.port());
    for (int n = 0; n < 100; ++n) {
      const json body = {{"type", "demo.sync"}, {"input", {{"n", n}, {"text", std::string(60'000, 'x')}}}};
      filler.send(http_text({.method = "POST", .target = "/v1/runs", .token = "north", .body = body.dump()}));
      ASSERT_EQ(filler.read().status, 201);
    }
  }
  std::vector<std::unique_ptr<HttpClient>> slow;
  for (int i = 0; i < 2; ++i) {
    slow.push_back(std::make_unique<HttpClient>(world.port(), 4096));
    // These answers are more than fits between the client and the server.
    for (int n = 0; n < 20; ++n) slow.back()->send(http_text({.target = "/v1/events?limit=1000", .token = "north"}));
    (void)slow.back()->read_header();
  }
  EXPECT_EQ(world.get("/v1/types", HttpTestWorld::kSouth).status, 200);
  // The newest one is closed, because its caller takes nothing more.
  while (metrics.text({}).find("runledger_connections{way=\"http\"} 1\n") == std::string::npos)
    std::this_thread::yield();
  EXPECT_THAT(counted(), HasSubstr(cut_for("made-room", 1)));
  EXPECT_THAT(counted(), HasSubstr(cut_for("slow-reader", 0)));
}

}  // namespace
}  // namespace runledger
