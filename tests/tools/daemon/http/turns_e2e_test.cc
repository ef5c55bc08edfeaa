// Tests which callers over HTTP wait for each other when something takes long.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "tests/tools/daemon/http/http_world.h"

namespace runledger {
namespace {

using nlohmann::json;

// A server with one reading thread, which is busy until let_go() is called.
class BusyReader {
 public:
  explicit BusyReader(std::chrono::milliseconds drain) : world({.readers = 1, .drain = drain}), first_(world.port()) {
    world.on_slow([this] {
      if (++read == 1) begun_.set_value();
      let_go_.wait();
    });
    first_.send(slow_read());
    begun_.get_future().wait();
  }
  ~BusyReader() { let_go(); }

  static std::string slow_read() { return http_text({.target = "/v1/types", .token = HttpTestWorld::kSlow}); }
  void let_go() {
    if (!let_go_already_.exchange(true)) let_go_promise_.set_value();
  }

  std::atomic<int> read = 0;  // The number of reads that have begun.

 private:
  std::promise<void> begun_;
  std::promise<void> let_go_promise_;
  std::atomic<bool> let_go_already_ = false;
  std::shared_future<void> let_go_{let_go_promise_.get_future().share()};

 public:
  HttpTestWorld world;  // Its threads use the members above.

 private:
  HttpClient first_;
};

TEST(HttpTurns, CommandsDoNotWaitForReads) {
  BusyReader busy(std::chrono::minutes(1));
  EXPECT_EQ(busy.world.post("/v1/runs", {{"type", "demo.sync"}, {"input", {{"n", 1}}}}).status, 201);
  EXPECT_EQ(busy.world.get("/readyz", "").status, 200);
}

TEST(HttpTurns, MonitorsDoNotWaitForReads) {
  const BusyReader busy(std::chrono::minutes(1));
  for (const char* const probe : {"/healthz", "/readyz", "/metrics"})
    EXPECT_EQ(busy.world.get(probe, HttpTestWorld::kAll).status, 200) << probe;
}

TEST(HttpTurns, AReadThatNobodyAwaitsAnyMoreIsNotBegun) {
  BusyReader busy(std::chrono::milliseconds(10));
  std::vector<std::unique_ptr<HttpClient>> waiting;
  for (int i = 0; i < 20; ++i) {
    waiting.push_back(std::make_unique<HttpClient>(busy.world.port()));
    waiting.back()->send(BusyReader::slow_read());
  }
  // The server reads the connections one after the other, so the last answer shows that it has read all of them.
  EXPECT_EQ(busy.world.get("/healthz", "").status, 200);
  std::thread stopping([&] { busy.world.server().stop(); });
  for (const auto& client : waiting) EXPECT_TRUE(client->is_closed());
  busy.let_go();
  stopping.join();
  EXPECT_EQ(busy.read, 1);
}

}  // namespace
}  // namespace runledger
