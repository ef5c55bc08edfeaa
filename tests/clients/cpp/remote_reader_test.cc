// Tests how a reader handles answers that a correct daemon would not give.
#include <capnp/ez-rpc.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "clients/cpp/connect.h"
#include "ledger/base/failure.h"
#include "ledger/client.h"
#include "projections/reader/ledger_reader.h"
#include "schema/rpc.capnp.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

class NonsenseReader final : public rpc::Reader::Server {
  kj::Promise<void> totals(TotalsContext context) override {
    context.getResults().initTotals(16);
    context.getResults().getTotals()[0] = 0xff;
    return kj::READY_NOW;
  }
};

class NonsenseSession final : public rpc::Session::Server {
  kj::Promise<void> reader(ReaderContext context) override {
    context.getResults().setReader(kj::heap<NonsenseReader>());
    return kj::READY_NOW;
  }
};

class NonsenseGate final : public rpc::Gate::Server {
  kj::Promise<void> authenticate(AuthenticateContext context) override {
    context.getResults().setSession(kj::heap<NonsenseSession>());
    return kj::READY_NOW;
  }
};

// Listens in a thread of its own until it is destroyed.
class NonsenseDaemon {
 public:
  explicit NonsenseDaemon(const std::string& socket) {
    std::promise<kj::Own<kj::CrossThreadPromiseFulfiller<void>>> listening;
    thread_ = std::thread([&listening, socket] {
      capnp::EzRpcServer server(kj::heap<NonsenseGate>(), fmt::format("unix:{}", socket).c_str());
      (void)server.getPort().wait(server.getWaitScope());
      auto stop = kj::newPromiseAndCrossThreadFulfiller<void>();
      listening.set_value(kj::mv(stop.fulfiller));
      stop.promise.wait(server.getWaitScope());
    });
    stop_ = listening.get_future().get();
  }
  ~NonsenseDaemon() {
    stop_->fulfill();
    thread_.join();
  }
  NonsenseDaemon(const NonsenseDaemon&) = delete;
  NonsenseDaemon& operator=(const NonsenseDaemon&) = delete;

 private:
  std::thread thread_;
  kj::Own<kj::CrossThreadPromiseFulfiller<void>> stop_;
};

TEST(RemoteReader, AnAnswerThatCannotBeReadKeepsItsCode) {
  const TemporaryDirectory directory;
  const std::filesystem::path socket = directory.path() / "socket";
  const NonsenseDaemon daemon(socket.string());
  const auto reader = remote_reader(connect_link({.socket = socket, .token = {}}));
  const SeenFailure failure = failure_of([&] { return reader->totals({}); });
  EXPECT_EQ(failure.code, "storage.damaged");
  EXPECT_EQ(failure.remedy, Remedy::kDamageFound);
}

}  // namespace
}  // namespace runledger
