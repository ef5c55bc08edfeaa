// The accept loop, and the capabilities that a connection hands out.
#include "tools/daemon/rpc_server.h"

#include <capnp/rpc-twoparty.h>
#include <fmt/format.h>
#include <kj/async-io.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "ledger/codec.h"
#include "ledger/failure.h"
#include "ledger/rpc_words.h"

namespace runledger {
namespace {

constexpr std::uint64_t kMessageWordsMax = 8ULL * 1024 * 1024 / sizeof(capnp::word);
constexpr int kNestingMax = 16;
constexpr std::size_t kBatchMax = 4096;          // Commands in one call.
constexpr std::size_t kEventsPerCallMax = 4096;  // That one call gives back.
constexpr std::size_t kEventsPerTakeMax = 512;   // Given to a sink at once.
constexpr auto kLookForEventsEvery = 20 * kj::MILLISECONDS;
constexpr auto kLookAtCallsEvery = 10 * kj::MILLISECONDS;
constexpr auto kFarewell = 2 * kj::SECONDS;

[[noreturn]] void fail_call(std::string_view code, std::string_view detail) {
  const std::string text = fmt::format("{}: {}", code, detail);
  kj::throwFatalException(
      kj::Exception(kj::Exception::Type::FAILED, __FILE__, __LINE__, kj::heapString(text.c_str(), text.size())));
}

// What the capabilities of one connection share.
struct Connection : kj::Refcounted {
  const Gate& gate;
  bool is_owner;  // At its other end is the user who runs this process.
  std::size_t calls_max;
  std::size_t& calls_of_all;
  std::size_t calls = 0;

  Connection(const Gate& of, bool owner, std::size_t max, std::size_t& of_all)
      : gate(of), is_owner(owner), calls_max(max), calls_of_all(of_all) {}
};

// What a caller came in with. Looked at anew by every call, so that a token that was revoked, or is over, ends what was
// handed out for it.
class Pass {
 public:
  Pass(kj::Own<Connection> connection, std::string token) : connection_(kj::mv(connection)), token_(std::move(token)) {}
  Pass(const Pass& other) : connection_(kj::addRef(*other.connection_)), token_(other.token_) {}
  Pass(Pass&&) = default;
  Pass& operator=(const Pass&) = delete;

  [[nodiscard]] Connection& connection() const { return *connection_; }
  [[nodiscard]] Session session() const {
    if (token_.empty() && connection_->is_owner) return connection_->gate.of_owner();
    std::optional<Session> session = token_.empty() ? std::nullopt : connection_->gate.by_token(token_);
    if (!session) fail_call("access.unauthenticated", "expected a token that is in force");
    return *std::move(session);
  }

 private:
  mutable kj::Own<Connection> connection_;
  std::string token_;
};

// Counts a call for as long as it is under way.
class CallUnderWay {
 public:
  explicit CallUnderWay(Connection& connection) : connection_(kj::addRef(connection)) {
    if (connection_->calls >= connection_->calls_max) {
      kj::throwFatalException(KJ_EXCEPTION(OVERLOADED, "overloaded: too many calls in flight on this connection"));
    }
    ++connection_->calls;
    ++connection_->calls_of_all;
  }
  ~CallUnderWay() noexcept {
    if (connection_.get() == nullptr) return;
    --connection_->calls;
    --connection_->calls_of_all;
  }
  CallUnderWay(CallUnderWay&&) = default;
  CallUnderWay(const CallUnderWay&) = delete;
  CallUnderWay& operator=(const CallUnderWay&) = delete;

 private:
  kj::Own<Connection> connection_;
};

// Gathers the answers of one call's commands, which arrive on the sequencer's thread, and then wakes the event loop.
class Gathering {
 public:
  using Fulfiller = kj::Own<kj::CrossThreadPromiseFulfiller<void>>;
  Gathering(std::size_t count, Fulfiller done) : answers_(count), missing_(count), done_(kj::mv(done)) {
    if (count == 0) done_->fulfill();
  }

  [[nodiscard]] Sequencer::Completion slot(std::size_t index, std::shared_ptr<Gathering> self) {
    return [self = std::move(self), index](Answer answer) {
      self->answers_[index] = std::move(answer);
      if (self->missing_.fetch_sub(1, std::memory_order_acq_rel) == 1) self->done_->fulfill();
    };
  }
  // Once done.
  [[nodiscard]] const std::vector<Answer>& answers() const { return answers_; }

 private:
  std::vector<Answer> answers_;
  std::atomic<std::size_t> missing_;
  Fulfiller done_;
};

// Reads each member of a call, hands it to `submit` with the completion for its answer, and sends all answers together.
template <class Context, class List, class Submit>
kj::Promise<void> answer_each(Connection& connection, Context context, List list, const Submit& submit) {
  if (list.size() > kBatchMax) {
    fail_call("batch.too_large", fmt::format("expected at most {} commands, found {}", kBatchMax, list.size()));
  }
  CallUnderWay call(connection);
  auto pair = kj::newPromiseAndCrossThreadFulfiller<void>();
  auto gathering = std::make_shared<Gathering>(list.size(), kj::mv(pair.fulfiller));
  for (unsigned i = 0; i < list.size(); ++i) submit(list[i], gathering->slot(i, gathering));
  context.releaseParams();
  return pair.promise.then([context, gathering, call = kj::mv(call)]() mutable {
    const std::vector<Answer>& answers = gathering->answers();
    auto out = context.getResults().initAnswers(static_cast<unsigned>(answers.size()));
    for (unsigned i = 0; i < out.size(); ++i) words::write(out[i], answers[i]);
  });
}

// Calls `use` with what was read, or completes with why it could not be.
template <class Member, class Use>
void read_or_refuse(Member in, const Sequencer::Completion& complete, const Use& use) {
  auto read = words::read(in);
  if (!read) return complete(read.rejection());
  use(*std::move(read));
}

template <class Member, class Use>
void read_marked(Member in, const Sequencer::Completion& complete, const Use& use) {
  const Result<CommandMark> mark = words::read_mark(in.getMark());
  if (!mark) return complete(mark.rejection());
  read_or_refuse(in, complete, [&](auto read) { use(std::move(read), *mark); });
}

class RequesterServer final : public rpc::Requester::Server {
 public:
  explicit RequesterServer(Pass pass) : pass_(std::move(pass)) {}

  kj::Promise<void> request(RequestContext context) override {
    const Session session = pass_.session();
    return answer_each(pass_.connection(), context, context.getParams().getOrders(),
                       [&session](rpc::Order::Reader in, const Sequencer::Completion& complete) {
                         read_marked(in, complete, [&](RunOrder order, const CommandMark& mark) {
                           session.request(std::move(order), mark, complete);
                         });
                       });
  }

  kj::Promise<void> cancel(CancelContext context) override {
    const Session session = pass_.session();
    return answer_each(pass_.connection(), context, context.getParams().getCancels(),
                       [&session](rpc::Cancel::Reader in, const Sequencer::Completion& complete) {
                         read_marked(in, complete, [&](FailRun cancel, const CommandMark& mark) {
                           session.cancel(cancel.run, std::move(cancel.message), mark, complete);
                         });
                       });
  }

 private:
  Pass pass_;
};

class WorkerServer final : public rpc::Worker::Server {
 public:
  explicit WorkerServer(Pass pass) : pass_(std::move(pass)) {}

  kj::Promise<void> start(StartContext context) override {
    const Session session = pass_.session();
    return answer_each(pass_.connection(), context, context.getParams().getStarts(),
                       [&session](rpc::Start::Reader in, const Sequencer::Completion& complete) {
                         read_marked(in, complete, [&](StartAttempt start, const CommandMark& mark) {
                           session.start(start.run, std::move(start.worker), mark, complete);
                         });
                       });
  }

  kj::Promise<void> heartbeat(HeartbeatContext context) override {
    const Session session = pass_.session();
    return answer_each(pass_.connection(), context, context.getParams().getHeartbeats(),
                       [&session](rpc::Heartbeat::Reader in, const Sequencer::Completion& complete) {
                         read_or_refuse(in, complete, [&](const Heartbeat& heartbeat) {
                           session.heartbeat(heartbeat.run, heartbeat.attempt, complete);
                         });
                       });
  }

  kj::Promise<void> finish(FinishContext context) override {
    const Session session = pass_.session();
    return answer_each(pass_.connection(), context, context.getParams().getFinishes(),
                       [&session](rpc::Finish::Reader in, const Sequencer::Completion& complete) {
                         read_marked(in, complete, [&](FinishAttempt finish, const CommandMark& mark) {
                           session.finish(std::move(finish), mark, complete);
                         });
                       });
  }

  kj::Promise<void> fail(FailContext context) override {
    const Session session = pass_.session();
    return answer_each(
        pass_.connection(), context, context.getParams().getFailures(),
        [&session](rpc::Failure::Reader in, const Sequencer::Completion& complete) {
          read_marked(in, complete, [&](FailRun fail, const CommandMark& mark) {
            session.fail(fail.run, {std::move(fail.reason_code), std::move(fail.message)}, mark, complete);
          });
        });
  }

 private:
  Pass pass_;
};

template <class Builder>
void write_events(Builder out, const std::vector<SeenEvent>& events) {
  for (unsigned i = 0; i < out.size(); ++i) {
    const std::string envelope = encode(events[i].envelope);
    const EventId id = event_id(events[i].stored);
    out[i].setEnvelope(kj::arrayPtr(reinterpret_cast<const kj::byte*>(envelope.data()), envelope.size()));
    out[i].setEventId(kj::arrayPtr(id.value.data, sizeof(id.value.data)));
  }
}

Session::EventPage require_events(const Session& session, Sequence after, std::size_t limit) {
  Result<Session::EventPage> page = session.events(after, limit);
  if (!page) fail_call(page.rejection().code, page.rejection().detail.str());
  return *std::move(page);
}

// Lives as long as the caller holds it; so does its loop. Lets go of the sink when it cannot go on, which tells the
// caller.
class SubscriptionServer final : public rpc::Subscription::Server {
 public:
  SubscriptionServer(Pass pass, Sequence after, rpc::EventSink::Client sink, kj::Timer& timer)
      : pass_(std::move(pass)),
        position_(after),
        sink_(kj::mv(sink)),
        timer_(timer),
        loop_(give().eagerlyEvaluate([this](kj::Exception&&) { sink_ = nullptr; })) {}

 private:
  kj::Promise<void> give() {
    Session::EventPage page = require_events(pass_.session(), position_, kEventsPerTakeMax);
    const bool moved = page.next != position_;
    position_ = page.next;
    if (!moved) return timer_.afterDelay(kLookForEventsEvery).then([this] { return give(); });
    if (page.events.empty()) return kj::evalLater([this] { return give(); });
    auto request = sink_.takeRequest();
    write_events(request.initEvents(static_cast<unsigned>(page.events.size())), page.events);
    return request.send().ignoreResult().then([this] { return give(); });
  }

  Pass pass_;
  Sequence position_;
  rpc::EventSink::Client sink_;
  kj::Timer& timer_;
  kj::Promise<void> loop_;
};

class AuditorServer final : public rpc::Auditor::Server {
 public:
  AuditorServer(Pass pass, kj::Timer& timer) : pass_(std::move(pass)), timer_(timer) {}

  kj::Promise<void> events(EventsContext context) override {
    const auto limit = std::min<std::size_t>(context.getParams().getLimit(), kEventsPerCallMax);
    const Session::EventPage page = require_events(pass_.session(), Sequence{context.getParams().getAfter()}, limit);
    write_events(context.getResults().initEvents(static_cast<unsigned>(page.events.size())), page.events);
    context.getResults().setNext(page.next.value);
    return kj::READY_NOW;
  }

  kj::Promise<void> subscribe(SubscribeContext context) override {
    const Sequence after{context.getParams().getAfter()};
    context.getResults().setSubscription(
        kj::heap<SubscriptionServer>(pass_, after, context.getParams().getSink(), timer_));
    return kj::READY_NOW;
  }

 private:
  Pass pass_;
  kj::Timer& timer_;
};

class SessionServer final : public rpc::Session::Server {
 public:
  SessionServer(Pass pass, kj::Timer& timer) : pass_(std::move(pass)), timer_(timer) {}

  kj::Promise<void> requester(RequesterContext context) override {
    require(Right::kRequest);
    context.getResults().setRequester(kj::heap<RequesterServer>(pass_));
    return kj::READY_NOW;
  }
  kj::Promise<void> worker(WorkerContext context) override {
    require(Right::kWork);
    context.getResults().setWorker(kj::heap<WorkerServer>(pass_));
    return kj::READY_NOW;
  }
  kj::Promise<void> auditor(AuditorContext context) override {
    require(Right::kAudit);
    context.getResults().setAuditor(kj::heap<AuditorServer>(pass_, timer_));
    return kj::READY_NOW;
  }

 private:
  void require(Right right) const {
    if (pass_.session().grant().rights.contains(right)) return;
    fail_call("access.denied", fmt::format("expected the right to {}, found none", to_string(right)));
  }

  Pass pass_;
  kj::Timer& timer_;
};

class GateServer final : public rpc::Gate::Server {
 public:
  GateServer(kj::Own<Connection> connection, kj::Timer& timer) : connection_(kj::mv(connection)), timer_(timer) {}

  kj::Promise<void> authenticate(AuthenticateContext context) override {
    const auto token = context.getParams().getToken();
    Pass pass(kj::addRef(*connection_), std::string(token.begin(), token.size()));
    (void)pass.session();  // Refuses a token that is none.
    context.getResults().setSession(kj::heap<SessionServer>(std::move(pass), timer_));
    return kj::READY_NOW;
  }

 private:
  kj::Own<Connection> connection_;
  kj::Timer& timer_;
};

bool is_owner(kj::AsyncIoStream& stream) {
  ucred peer{};
  kj::uint size = sizeof(peer);
  stream.getsockopt(SOL_SOCKET, SO_PEERCRED, &peer, &size);
  return size == sizeof(peer) && (peer.uid == ::geteuid() || peer.uid == 0);
}

// Accepts, and serves until the other end is gone.
class Acceptor : private kj::TaskSet::ErrorHandler {
 public:
  Acceptor(kj::ConnectionReceiver& receiver, kj::Timer& timer, const RpcServer::Options& options, const Gate& gate)
      : receiver_(receiver), timer_(timer), options_(options), gate_(gate), connections_(*this) {}

  kj::Promise<void> accept() {
    return receiver_.accept().then([this](kj::Own<kj::AsyncIoStream>&& stream) {
      if (open_ < options_.connections_max) connections_.add(serve(kj::mv(stream)));
      return accept();
    });
  }

  // Once no call is under way.
  kj::Promise<void> finished() {
    if (calls_ == 0) return kj::READY_NOW;
    return timer_.afterDelay(kLookAtCallsEvery).then([this] { return finished(); });
  }

 private:
  struct Served {
    kj::Own<kj::AsyncIoStream> stream;
    capnp::TwoPartyVatNetwork network;
    capnp::RpcSystem<capnp::rpc::twoparty::VatId> system;

    Served(kj::Own<kj::AsyncIoStream> of, rpc::Gate::Client gate, const capnp::ReaderOptions& limits)
        : stream(kj::mv(of)),
          network(*stream, capnp::rpc::twoparty::Side::SERVER, limits),
          system(capnp::makeRpcServer(network, kj::mv(gate))) {
      system.setFlowLimit(kMessageWordsMax);
    }
  };

  kj::Promise<void> serve(kj::Own<kj::AsyncIoStream> stream) {
    capnp::ReaderOptions limits;
    limits.traversalLimitInWords = kMessageWordsMax;
    limits.nestingLimit = kNestingMax;
    auto connection = kj::refcounted<Connection>(gate_, is_owner(*stream), options_.calls_max, calls_);
    auto served = kj::heap<Served>(kj::mv(stream), kj::heap<GateServer>(kj::mv(connection), timer_), limits);
    ++open_;
    auto disconnected = served->network.onDisconnect();
    return disconnected.attach(kj::mv(served), kj::defer([this] { --open_; }));
  }

  void taskFailed(kj::Exception&&) override {}  // Of one connection, which is closed by that.

  kj::ConnectionReceiver& receiver_;
  kj::Timer& timer_;
  RpcServer::Options options_;
  const Gate& gate_;
  std::size_t open_ = 0;
  std::size_t calls_ = 0;
  kj::TaskSet connections_;
};

// A listening unix socket. By hand, because the mode has to be right before anybody can connect.
int listen_on(const std::filesystem::path& path) {
  const auto refuse = [&](std::string_view found) {
    throw Failure(Remedy::kCorrectInput, "listen.failed",
                  fmt::format("expected to listen on {}, found: {}", path.string(), found));
  };
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof(address.sun_path)) refuse("a path of more than 107 bytes");
  path.native().copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  ::unlink(path.c_str());  // Of an earlier daemon: this one holds the ledger, so that one is gone.
  const mode_t before = ::umask(S_IRWXG | S_IRWXO);
  const int bound = ::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const int error = errno;
  ::umask(before);
  if (bound != 0 || ::listen(listener, SOMAXCONN) != 0) {
    ::close(listener);
    refuse(std::generic_category().message(bound != 0 ? error : errno));
  }
  return listener;
}

}  // namespace

struct RpcServer::Content {
  Options options;
  const Gate& gate;
  int listener;
  std::promise<kj::Own<kj::CrossThreadPromiseFulfiller<void>>> stop_handle;
  kj::Own<kj::CrossThreadPromiseFulfiller<void>> stop;
  std::thread thread;

  Content(const Options& of, const Gate& through) : options(of), gate(through), listener(listen_on(of.socket)) {
    thread = std::thread([this] { run(); });
    stop = stop_handle.get_future().get();
  }
  ~Content() {
    stop->fulfill();
    thread.join();
    ::unlink(options.socket.c_str());
  }

  void run() {
    auto io = kj::setupAsyncIo();
    auto stopping = kj::newPromiseAndCrossThreadFulfiller<void>();
    auto receiver = io.lowLevelProvider->wrapListenSocketFd(
        listener, kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP | kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC |
                      kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK);
    Acceptor acceptor(*receiver, io.provider->getTimer(), options, gate);
    stop_handle.set_value(kj::mv(stopping.fulfiller));
    acceptor.accept().exclusiveJoin(kj::mv(stopping.promise)).wait(io.waitScope);
    acceptor.finished().exclusiveJoin(io.provider->getTimer().afterDelay(kFarewell)).wait(io.waitScope);
  }
};

RpcServer::RpcServer(const Options& options, const Gate& gate) : content_(std::make_unique<Content>(options, gate)) {}

RpcServer::~RpcServer() = default;

}  // namespace runledger
