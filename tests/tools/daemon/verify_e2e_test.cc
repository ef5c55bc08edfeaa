// Verifies a ledger while its daemon serves other callers.
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

#include "clients/cpp/connect.h"
#include "clients/cpp/rpc_link.h"
#include "ledger/client.h"
#include "ledger/log/store/ledger_copy.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

class DaemonVerify : public testing::Test {
 protected:
  CliLedger ledger;
  std::unique_ptr<Program> daemon = serve();

  [[nodiscard]] std::unique_ptr<Program> serve() const {
    auto program = std::make_unique<Program>(ledger.command({"serve", "--format", "json"}));
    EXPECT_TRUE(program->wait_for_output("\"listening\""));
    return program;
  }
  void end(int signal) {
    daemon->signal(signal);
    (void)daemon->wait();
  }
  [[nodiscard]] DaemonAddress address() const { return {.socket = ledger.data() / "socket", .token = {}}; }
  [[nodiscard]] std::size_t copies() const {
    std::error_code none;
    const fs::directory_iterator all(ledger.data() / "copies", none);
    return static_cast<std::size_t>(std::distance(begin(all), fs::directory_iterator()));
  }
  // Returns whether the number of copies becomes `count` soon, while the daemon answers commands.
  [[nodiscard]] bool comes_to(std::size_t count) const {
    const auto client = connect_client(address());
    for (int asked = 0; asked < 10'000 && copies() != count; ++asked)
      (void)client->submit(ExpireLease{examples::run_id(1)}, {});
    return copies() == count;
  }
};

TEST_F(DaemonVerify, FindsASoundLedgerSoundWhileItIsAppendedTo) {
  std::atomic<bool> stop = false;
  std::thread worker([&] {
    const auto client = connect_client(address());
    for (int i = 0; !stop; ++i) {
      RunRequest request;
      request.workspace = examples::workspace();
      request.type = examples::type("demo.sync");
      request.input = examples::input("{\"n\":" + std::to_string(i) + "}");
      EXPECT_TRUE(std::holds_alternative<Reply>(client->submit(request, {})));
    }
  });
  std::uint64_t seen = ledger.json({"stats"}).at("head");
  for (int round = 0; round < 3; ++round) {
    const nlohmann::json report = ledger.json({"verify"});
    EXPECT_EQ(report.at("ok"), true) << report;
    EXPECT_GE(report.at("events").get<std::uint64_t>(), seen) << "all events acknowledged before are in the report";
    seen = ledger.json({"stats"}).at("head");
  }
  stop = true;
  worker.join();
  end(SIGTERM);
  EXPECT_EQ(copies(), 0U);
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

// The copy shares the files that the daemon uses.
TEST_F(DaemonVerify, FindsWhatIsDamagedInTheDaemonsFiles) {
  for (int i = 0; i < 20; ++i) (void)ledger.request("{\"n\":" + std::to_string(i) + "}");
  end(SIGTERM);
  daemon = serve();  // Opening writes the engine's log into tables.
  std::size_t spoilt = 0;
  for (const fs::directory_entry& file : fs::directory_iterator(ledger.data() / "store")) {
    if (file.path().extension() != ".sst") continue;
    std::fstream bytes(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(30);
    bytes.put('\x55');
    ++spoilt;
  }
  ASSERT_GT(spoilt, 0U);
  EXPECT_EQ(ledger.run({"verify"}).status, 5);
}

TEST_F(DaemonVerify, ACopyIsKeptForAsLongAsTheConnection) {
  std::shared_ptr<RpcLink> link = connect_link(address());
  (void)make_remote_copy(*link);
  const std::string second = make_remote_copy(*link);
  EXPECT_TRUE(comes_to(1)) << "only one copy per connection exists at a time";
  EXPECT_TRUE(fs::exists(LedgerCopy::path_of(ledger.data(), second)));
  link.reset();
  EXPECT_TRUE(comes_to(0));
}

TEST_F(DaemonVerify, ADaemonThatEndsLeavesNoCopy) {
  const auto link = connect_link(address());
  (void)make_remote_copy(*link);
  end(SIGTERM);
  EXPECT_EQ(copies(), 0U);
}

TEST_F(DaemonVerify, WhatAKilledDaemonLeftIsRemovedUnlessItIsLookedAt) {
  const auto link = connect_link(address());
  const Store looked_at({.directory = LedgerCopy::path_of(ledger.data(), make_remote_copy(*link))});
  const auto another = connect_link(address());
  (void)make_remote_copy(*another);
  end(SIGKILL);
  EXPECT_EQ(copies(), 2U);
  daemon = serve();
  EXPECT_EQ(copies(), 1U);
}

}  // namespace
}  // namespace runledger
