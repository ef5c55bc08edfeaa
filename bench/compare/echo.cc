// A daemon that decides and stores nothing: it answers the calls of the load over RPC with messages of the same form.
// What a call costs here is what no daemon over this RPC library can save.
#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include <iostream>

#include "bench/compare/load.h"
#include "schema/rpc.capnp.h"

namespace runledger::compare {
namespace {

void write(rpc::Answer::Builder answer, const char* verdict, const char* status, const std::string& run) {
  auto reply = answer.initReply();
  reply.setVerdict(verdict);
  reply.setRun(kj::StringPtr(run.c_str(), run.size()).asBytes());
  reply.setAttempt(1);
  reply.setToken(2);
  reply.setSequence(1'000'000);
  reply.setStatus(status);
  reply.setOutcome("pending");
  reply.setEvents(1);
  reply.setLease(60'000'000);
}

template <class Asks, class Context>
kj::Promise<void> answer_all(Context& context, Asks asks, const char* verdict, const char* status) {
  const std::string run = new_id();
  for (auto answer : context.getResults().initAnswers(asks.size())) write(answer, verdict, status, run);
  return kj::READY_NOW;
}

class EchoRequester final : public rpc::Requester::Server {
  kj::Promise<void> request(RequestContext context) override {
    return answer_all(context, context.getParams().getOrders(), "requested", "queued");
  }
};

class EchoWorker final : public rpc::Worker::Server {
  kj::Promise<void> start(StartContext context) override {
    return answer_all(context, context.getParams().getStarts(), "started", "running");
  }
  kj::Promise<void> finish(FinishContext context) override {
    return answer_all(context, context.getParams().getFinishes(), "finished", "completed");
  }
};

class EchoSession final : public rpc::Session::Server {
  kj::Promise<void> requester(RequesterContext context) override {
    context.getResults().setRequester(kj::heap<EchoRequester>());
    return kj::READY_NOW;
  }
  kj::Promise<void> worker(WorkerContext context) override {
    context.getResults().setWorker(kj::heap<EchoWorker>());
    return kj::READY_NOW;
  }
};

class EchoGate final : public rpc::Gate::Server {
  kj::Promise<void> authenticate(AuthenticateContext context) override {
    context.getResults().setSession(kj::heap<EchoSession>());
    return kj::READY_NOW;
  }
};

// Serves until it is killed.
void serve(const std::string& socket) {
  auto io = kj::setupAsyncIo();
  auto address = io.provider->getNetwork().parseAddress("unix:" + socket).wait(io.waitScope);
  auto listener = address->listen();
  capnp::TwoPartyServer server(kj::heap<EchoGate>());
  std::cout << "listening" << std::endl;
  server.listen(*listener).wait(io.waitScope);
}

}  // namespace
}  // namespace runledger::compare

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "Usage: rpc_echo SOCKET\n";
    return 2;
  }
  runledger::compare::serve(argv[1]);
}
