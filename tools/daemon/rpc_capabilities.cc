// Reads what calls carry, hands it to the session, and gathers the answers.
#include "tools/daemon/rpc_capabilities.h"

#include <fmt/format.h>
#include <kj/async-io.h>
#include <kj/debug.h>

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "ledger/codec.h"
#include "ledger/failure.h"
#include "ledger/rpc_words.h"

namespace runledger {
namespace {

constexpr std::size_t kBatchMax = 4096;          // Commands in one call.
constexpr std::size_t kEventsPerCallMax = 4096;  // That one call gives back.
constexpr std::size_t kEventsPerTakeMax = 512;   // Given to a sink at once.
constexpr auto kLookForEventsEvery = 20 * kj::MILLISECONDS;

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

}  // namespace

rpc::Gate::Client make_gate(const RpcCaller& caller, kj::Timer& timer) {
  return kj::heap<GateServer>(
      kj::refcounted<Connection>(caller.gate, caller.is_owner, caller.calls_max, caller.calls_of_all), timer);
}

}  // namespace runledger
