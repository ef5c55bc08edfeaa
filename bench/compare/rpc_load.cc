// Callers over RPC: chains of promises on one event loop, so that what is measured is the daemon and not the switches
// between the threads of a client.
#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>
#include <kj/debug.h>

#include <memory>
#include <vector>

#include "bench/compare/load.h"
#include "schema/rpc.capnp.h"

namespace runledger::compare {
namespace {

kj::ArrayPtr<const kj::byte> bytes_of(const std::string& text) {
  return kj::StringPtr(text.c_str(), text.size()).asBytes();
}

// A connection with the capabilities of a session.
struct Connection {
  kj::Own<kj::AsyncIoStream> stream;
  capnp::TwoPartyClient rpc;
  rpc::Session::Client session;
  rpc::Requester::Client requester;
  rpc::Worker::Client worker;

  explicit Connection(kj::Own<kj::AsyncIoStream> of)
      : stream(kj::mv(of)),
        rpc(*stream),
        session(rpc.bootstrap().castAs<rpc::Gate>().authenticateRequest().send().getSession()),
        requester(session.requesterRequest().send().getRequester()),
        worker(session.workerRequest().send().getWorker()) {}
};

struct StartedRun {
  std::string id;
  std::uint32_t attempt = 0;
  std::uint64_t token = 0;
};

// Moves `batch` runs at a time through their lives. It must outlive the promise of live().
class RpcCaller {
 public:
  RpcCaller(Connection& connection, std::size_t number, std::size_t batch, Tally& tally)
      : connection_(connection), number_(number), tally_(tally), runs_(batch) {}

  kj::Promise<void> live() {
    if (!tally_.open()) return kj::READY_NOW;
    return request().then([this] { return start(); }).then([this] { return finish(); }).then([this] { return live(); });
  }

 private:
  kj::Promise<void> request() {
    auto call = connection_.requester.requestRequest();
    auto orders = call.initOrders(size());
    for (auto order : orders) {
      order.initMark().setCommandId(bytes_of(new_id()));
      order.setWorkspace(workspace_of(number_));
      order.setTenant(tenant_of(number_));
      order.setType(kType);
      order.setInput(new_input());
      order.setInitiator("scheduler");
    }
    const Clock::time_point sent = Clock::now();
    return call.send().then([this, sent](auto&& response) { take(response.getAnswers(), "requested", sent); });
  }

  kj::Promise<void> start() {
    auto call = connection_.worker.startRequest();
    auto starts = call.initStarts(size());
    for (unsigned i = 0; i < size(); ++i) {
      starts[i].initMark().setCommandId(bytes_of(new_id()));
      starts[i].setRun(bytes_of(runs_[i].id));
      starts[i].setWorker(kWorker);
    }
    const Clock::time_point sent = Clock::now();
    return call.send().then([this, sent](auto&& response) { take(response.getAnswers(), "started", sent); });
  }

  kj::Promise<void> finish() {
    auto call = connection_.worker.finishRequest();
    auto finishes = call.initFinishes(size());
    for (unsigned i = 0; i < size(); ++i) {
      auto one = finishes[i];
      one.initMark().setCommandId(bytes_of(new_id()));
      one.setRun(bytes_of(runs_[i].id));
      one.setAttempt(runs_[i].attempt);
      one.setToken(runs_[i].token);
      one.setOutcome("succeeded");
      auto counts = one.initSummaryCounts(std::size(kCounts));
      for (unsigned key = 0; key < std::size(kCounts); ++key) {
        counts[key].setKey(kCounts[key]);
        counts[key].setValue(key * 7);
      }
    }
    const Clock::time_point sent = Clock::now();
    return call.send().then([this, sent](auto&& response) { take(response.getAnswers(), "finished", sent); });
  }

  void take(capnp::List<rpc::Answer>::Reader answers, kj::StringPtr expected, Clock::time_point sent) {
    tally_.answered(sent, answers.size());
    for (unsigned i = 0; i < answers.size(); ++i) {
      KJ_REQUIRE(answers[i].isReply(), "expected a reply, found another answer", answers[i]);
      const auto reply = answers[i].getReply();
      KJ_REQUIRE(reply.getVerdict() == expected, "expected another verdict", expected, reply);
      const auto run = reply.getRun().asChars();
      runs_[i] = {std::string(run.begin(), run.size()), reply.getAttempt(), reply.getToken()};
    }
  }

  [[nodiscard]] unsigned size() const { return static_cast<unsigned>(runs_.size()); }

  Connection& connection_;
  std::size_t number_;
  Tally& tally_;
  std::vector<StartedRun> runs_;
};

}  // namespace

void load_rpc(const Load& load, Tally& tally) {
  auto io = kj::setupAsyncIo();
  const std::string address = "unix:" + load.socket.string();
  std::vector<std::unique_ptr<Connection>> connections;
  for (std::size_t i = 0; i < load.connections; ++i) {
    auto target = io.provider->getNetwork().parseAddress(address).wait(io.waitScope);
    connections.push_back(std::make_unique<Connection>(target->connect().wait(io.waitScope)));
  }
  std::vector<std::unique_ptr<RpcCaller>> callers;
  kj::Vector<kj::Promise<void>> lives;
  for (std::size_t i = 0; i < load.callers; ++i) {
    callers.push_back(std::make_unique<RpcCaller>(*connections[i % connections.size()], i, load.batch, tally));
    lives.add(callers.back()->live());
  }
  kj::joinPromises(lives.releaseAsArray()).wait(io.waitScope);
}

}  // namespace runledger::compare
