// Waiters for the log on an event loop are woken every time, also when other waiters have gone.
#include "tools/daemon/rpc/log_watch.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ledger/ledger.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

class LogWatch : public testing::Test {
 protected:
  TemporaryDirectory directory;
  std::unique_ptr<Ledger> ledger = make_ledger();
  kj::AsyncIoContext io = kj::setupAsyncIo();
  RpcLogWatch watch{ledger->log()};

  ~LogWatch() noexcept override = default;

  std::unique_ptr<Ledger> make_ledger() {
    const std::filesystem::path path = directory.path() / "ledger";
    Store::create({.directory = path}, IdentityKey::random());
    return std::make_unique<Ledger>(Ledger::Options{.directory = path});
  }
  void append(int number) {
    RunRequest request;
    request.workspace = examples::workspace();
    request.type = examples::type();
    request.input = examples::input(fmt::format("{{\"n\":{}}}", number));
    (void)ledger->submit(request, {}).get();
  }
};

TEST_F(LogWatch, DoesNotWaitForWhatIsThere) {
  append(1);
  EXPECT_TRUE(watch.past(Sequence{0}).poll(io.waitScope));
  EXPECT_FALSE(watch.past(Sequence{1}).poll(io.waitScope));
}

TEST_F(LogWatch, WakesAllWhoWaitEachTimeThatTheLogGrows) {
  for (int i = 0; i < 3; ++i) {
    auto first = watch.past(watch.last());
    auto second = watch.past(watch.last());
    EXPECT_FALSE(first.poll(io.waitScope));
    append(i);
    first.wait(io.waitScope);
    second.wait(io.waitScope);
  }
}

TEST_F(LogWatch, ForgetsThoseWhoHaveGone) {
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(watch.past(watch.last()).poll(io.waitScope));
  auto last = watch.past(watch.last());
  append(1);
  last.wait(io.waitScope);
}

}  // namespace
}  // namespace runledger
