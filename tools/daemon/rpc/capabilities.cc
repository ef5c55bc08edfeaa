// The capabilities that change or operate the ledger: each reads a call, asks the session, and sends the answer.
//
// A caller starts with a Gate. authenticate() checks a token and returns a Session capability, which hands out one
// capability for each right: Requester, Worker, Auditor and Operator, and the Reader for any. Each of them holds a
// SessionHandle, and each call asks the handle for a new Session, which checks the token again. So a revoked token ends
// every capability that it was used for, without any bookkeeping.
//
// All of this runs on the event loop's thread. Every call begins with a CallUnderWay, which counts it, limits it and
// measures it, and ends in one of three ways:
//   - Commands (submit_each): each member of the list is read and submitted by itself; a member that cannot be read is
//     answered with its refusal, and does not harm the others. A Gathering collects the answers from the sequencer's
//     thread, and the last one wakes the event loop, which writes all of them.
//   - A claim: its answer comes on the claims' thread. The promise owns Claims::Waiting, so cancelling the call
//     withdraws the claim.
//   - Anything that may wait for a disk (explain, metrics, copy): run_call() carries it out on RpcThreads, in the turn
//     of the connection.
// A call that fails as a whole throws through fail_call(), which puts the code into the exception's text.
#include "tools/daemon/rpc/capabilities.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "clients/cpp/claim_wire.h"
#include "clients/cpp/command_wire.h"
#include "clients/cpp/wire_fields.h"
#include "ledger/evidence/prover.h"
#include "tools/daemon/rpc/answers.h"
#include "tools/daemon/rpc/connection.h"
#include "tools/daemon/rpc/journal.h"
#include "tools/daemon/rpc/reader.h"
#include "tools/daemon/rpc/threads.h"

namespace runledger {
namespace {

// Reads the options of one command. Commands that can be repeated without harm have none.
template <class Member>
Result<CommandOptions> read_options(Member in) {
  if constexpr (requires { in.getMark(); }) {
    return wire::read_options(in.getMark());
  } else {
    return CommandOptions{};
  }
}
Result<CommandOptions> read_options(rpc::IdentityStart::Reader in) {
  return wire::read_options(in.getOrder().getMark());
}

// Submits one command of a call, or completes with the reason why it could not be read.
template <class Member>
void submit_one(const Session& session, Member in, const Sequencer::Completion& complete) {
  const Result<CommandOptions> options = read_options(in);
  if (!options) return complete(options.rejection());
  auto ask = wire::read(in);
  if (!ask) return complete(ask.rejection());
  session.submit(*std::move(ask), *options, complete);
}

// Submits each command of a call, and sends all answers together.
template <class Context, class List>
kj::Promise<void> submit_each(const SessionHandle& pass, std::string_view method, Context context, List list) {
  const Session session = pass.session();
  Connection& connection = pass.connection();
  DaemonWatch* const watch = connection.caller.watch;
  CallUnderWay call(connection, method, std::min<std::size_t>(list.size(), kCommandsPerCallMax));
  need_batch(watch, list.size());
  auto pair = kj::newPromiseAndCrossThreadFulfiller<void>();
  auto gathering = std::make_shared<Gathering>(list.size(), kj::mv(pair.fulfiller));
  for (unsigned i = 0; i < list.size(); ++i) {
    const Sequencer::Completion complete = gathering->slot(i, gathering);
    try {
      submit_one(session, list[i], complete);
    } catch (const kj::Exception&) {  // Reading the command failed, before anything was submitted.
      complete(reject("message.malformed", "expected a command that can be read, found broken or endless pointers"));
    } catch (
        const std::exception& error) {  // Looking up its run failed. Earlier commands are carried out and answered.
      report_failed(watch, error);
      complete(UnknownOutcome{kSeeDaemonLog});
    }
  }
  context.releaseParams();
  return pair.promise.then([context, gathering, call = kj::mv(call), watch]() mutable {
    const std::vector<Answer>& answers = gathering->answers();
    auto out = context.getResults().initAnswers(static_cast<unsigned>(answers.size()));
    for (unsigned i = 0; i < out.size(); ++i) write_answer(out[i], answers[i], watch);
    call.answered();
  });
}

// A claim under way. The claims' thread completes it, which wakes the event loop.
class AwaitedClaim {
 public:
  explicit AwaitedClaim(kj::Own<kj::CrossThreadPromiseFulfiller<void>> done) : done_(kj::mv(done)) {}

  void complete(ClaimAnswer answer) {
    answer_ = std::move(answer);
    done_->fulfill();
  }
  // Requires that complete() was called.
  [[nodiscard]] const ClaimAnswer& answer() const { return answer_; }

 private:
  ClaimAnswer answer_;
  kj::Own<kj::CrossThreadPromiseFulfiller<void>> done_;
};

Claims::Waiting begin_claim(const Session& session, rpc::Claim::Reader in, DaemonWatch* watch,
                            Claims::Completion complete) {
  try {
    const Result<CommandOptions> options = wire::read_options(in.getMark());
    Result<ClaimRequest> request = wire::read(in);
    if (options && request) return session.claim(*std::move(request), *options, std::move(complete));
    complete(options ? request.rejection() : options.rejection());
  } catch (const kj::Exception&) {
    complete(reject("message.malformed", "expected a claim that can be read, found broken or endless pointers"));
  } catch (const std::exception& error) {
    report_failed(watch, error);
    complete(UnknownOutcome{kSeeDaemonLog});
  }
  return {};
}

class RequesterServer final : public rpc::Requester::Server {
 public:
  explicit RequesterServer(SessionHandle pass) : pass_(std::move(pass)) {}

  kj::Promise<void> request(RequestContext context) override {
    return submit_each(pass_, "request", context, context.getParams().getOrders());
  }
  kj::Promise<void> cancel(CancelContext context) override {
    return submit_each(pass_, "cancel", context, context.getParams().getCancels());
  }

  kj::Promise<void> explain(ExplainContext context) override {
    CallUnderWay call(pass_.connection(), "explain");
    const RunRequest request = need(pass_.watch(), wire::read(context.getParams().getOrder()));
    return run_call<Explanation>(kj::mv(call), pass_.connection(),
                                 [session = pass_.session(), request] { return session.explain(request); })
        .then([context](const std::shared_ptr<Explanation>& explanation) mutable {
          wire::write(context.getResults().initExplanation(), *explanation);
        });
  }

 private:
  SessionHandle pass_;
};

class WorkerServer final : public rpc::Worker::Server {
 public:
  explicit WorkerServer(SessionHandle pass) : pass_(std::move(pass)) {}

  kj::Promise<void> start(StartContext context) override {
    return submit_each(pass_, "start", context, context.getParams().getStarts());
  }
  kj::Promise<void> startByIdentity(StartByIdentityContext context) override {
    return submit_each(pass_, "startByIdentity", context, context.getParams().getStarts());
  }
  kj::Promise<void> recordSpooled(RecordSpooledContext context) override {
    return submit_each(pass_, "recordSpooled", context, context.getParams().getRuns());
  }
  kj::Promise<void> heartbeat(HeartbeatContext context) override {
    return submit_each(pass_, "heartbeat", context, context.getParams().getHeartbeats());
  }
  kj::Promise<void> finish(FinishContext context) override {
    return submit_each(pass_, "finish", context, context.getParams().getFinishes());
  }
  kj::Promise<void> fail(FailContext context) override {
    return submit_each(pass_, "fail", context, context.getParams().getFailures());
  }
  kj::Promise<void> expire(ExpireContext context) override {
    return submit_each(pass_, "expire", context, context.getParams().getExpiries());
  }

  // Cancelling the call destroys `waiting`, which withdraws the claim.
  kj::Promise<void> claim(ClaimContext context) override {
    CallUnderWay call(pass_.connection(), "claim");
    const Session session = pass_.session();
    auto pair = kj::newPromiseAndCrossThreadFulfiller<void>();
    const auto awaited = std::make_shared<AwaitedClaim>(kj::mv(pair.fulfiller));
    DaemonWatch* const watch = pass_.watch();
    Claims::Waiting waiting = begin_claim(session, context.getParams().getClaim(), watch,
                                          [awaited](ClaimAnswer answer) { awaited->complete(std::move(answer)); });
    call.allow_cancellation();
    context.releaseParams();
    context.allowCancellation();
    return pair.promise.then([context, awaited, watch, waiting = kj::mv(waiting), call = kj::mv(call)]() mutable {
      write_answer(context.getResults().initAnswer(), awaited->answer(), watch);
      call.answered();
    });
  }

 private:
  SessionHandle pass_;
};

class OperatorServer final : public rpc::Operator::Server {
 public:
  explicit OperatorServer(SessionHandle pass) : pass_(std::move(pass)) {}

  kj::Promise<void> metrics(MetricsContext context) override {
    CallUnderWay call(pass_.connection(), "metrics");
    (void)pass_.session();
    return run_call<std::string>(kj::mv(call), pass_.connection(),
                                 [&of = pass_.connection().caller.operations] { return of.metrics(); })
        .then([context](const std::shared_ptr<std::string>& text) mutable { context.getResults().setText(*text); });
  }

  kj::Promise<void> health(HealthContext context) override {
    CallUnderWay call(pass_.connection(), "health");
    (void)pass_.session();
    const DaemonHealth health = pass_.connection().caller.operations.health();
    context.getResults().setReady(health.ready);
    context.getResults().setReason(health.reason);
    call.answered();
    return kj::READY_NOW;
  }

  kj::Promise<void> page(PageContext context) override {
    CallUnderWay call(pass_.connection(), "page");
    (void)pass_.session();
    context.getResults().setAddress(pass_.connection().caller.operations.page());
    call.answered();
    return kj::READY_NOW;
  }

  kj::Promise<void> copy(CopyContext context) override {
    Connection& connection = pass_.connection();
    CallUnderWay call(connection, "copy");
    (void)pass_.session();
    const RpcCaller& caller = connection.caller;
    if (!caller.owner)
      fail_call(caller.watch, "access.denied", "expected the user who runs the daemon, over its socket");
    const EventLog& log = caller.authenticator.log();
    const auto made = std::make_shared<std::shared_ptr<const LedgerCopy>>();
    const CopyOf what = context.getParams().getLogOnly() ? CopyOf::kLog : CopyOf::kLogAndDerived;
    context.releaseParams();
    context.allowCancellation();
    return run_call<std::string>(kj::mv(call), connection,
                                 [made, &log, what, stop_requested = caller.threads.stop_requested()] {
                                   if (what == CopyOf::kLogAndDerived) prepare_proofs(log, stop_requested);
                                   *made = std::make_shared<LedgerCopy>(log.store(), what);
                                   return (*made)->name();
                                 })
        .then([context, made, connection = kj::addRef(connection)](const std::shared_ptr<std::string>& name) mutable {
          if (connection->copy) connection->caller.threads.destroy(kj::mv(connection->copy));
          connection->copy = std::move(*made);
          context.getResults().setName(*name);
        });
  }

  kj::Promise<void> erase(EraseContext context) override {
    CallUnderWay call(pass_.connection(), "erase");
    const auto in = context.getParams();
    const Scope scope{.workspace = need(pass_.watch(), parse_workspace(wire::view(in.getWorkspace()))),
                      .tenant = need(pass_.watch(), parse_tenant(wire::view(in.getTenant())))};
    const SanitizedText reason = sanitize(wire::view(in.getReason()));
    if (reason.empty()) fail_call(pass_.watch(), "reason.invalid", "expected a reason, found none");
    const ActiveRuns active = in.getCancelActive() ? ActiveRuns::kCancel : ActiveRuns::kRefuse;
    context.releaseParams();
    return run_call<TenantErasure>(
               kj::mv(call), pass_.connection(),
               [session = pass_.session(), scope, reason, active] { return session.erase(scope, reason, active); })
        .then([context](const std::shared_ptr<TenantErasure>& done) mutable {
          auto out = context.getResults();
          out.setSequence(done->at.value);
          out.setCancelledRuns(done->cancelled_runs);
          out.setKeysDestroyed(done->keys_destroyed);
          out.setMirrorErased(done->mirror_erased);
        });
  }

  kj::Promise<void> importJournal(ImportJournalContext context) override { return import_journal(pass_, context); }

 private:
  SessionHandle pass_;
};

class SessionServer final : public rpc::Session::Server {
 public:
  SessionServer(SessionHandle pass, kj::Timer& timer) : pass_(std::move(pass)), timer_(timer) {}

  kj::Promise<void> requester(RequesterContext context) override {
    return hand_out("requester", Right::kRequest,
                    [&] { context.getResults().setRequester(kj::heap<RequesterServer>(pass_)); });
  }
  kj::Promise<void> worker(WorkerContext context) override {
    return hand_out("worker", Right::kWork, [&] { context.getResults().setWorker(kj::heap<WorkerServer>(pass_)); });
  }
  kj::Promise<void> auditor(AuditorContext context) override {
    return hand_out("auditor", Right::kAudit, [&] { context.getResults().setAuditor(make_auditor(pass_, timer_)); });
  }
  kj::Promise<void> operate(OperateContext context) override {
    return hand_out("operate", std::nullopt, [&] {
      if (const auto denied = pass_.session().grant().deny_operation()) fail_call(pass_.watch(), *denied);
      context.getResults().setOperator(kj::heap<OperatorServer>(pass_));
    });
  }
  kj::Promise<void> reader(ReaderContext context) override {
    return hand_out("reader", std::nullopt, [&] { context.getResults().setReader(make_reader(pass_)); });
  }

 private:
  template <class Give>
  kj::Promise<void> hand_out(std::string_view method, std::optional<Right> right, const Give& give) const {
    CallUnderWay call(pass_.connection(), method);
    if (right && !pass_.session().grant().rights.contains(*right))
      fail_call(pass_.watch(), "access.denied", fmt::format("expected the right to {}, found none", to_string(*right)));
    give();
    call.answered();
    return kj::READY_NOW;
  }

  SessionHandle pass_;
  kj::Timer& timer_;
};

class GateServer final : public rpc::Gate::Server {
 public:
  GateServer(kj::Own<Connection> connection, kj::Timer& timer) : connection_(kj::mv(connection)), timer_(timer) {}

  kj::Promise<void> authenticate(AuthenticateContext context) override {
    CallUnderWay call(*connection_, "authenticate");
    const auto token = context.getParams().getToken();
    SessionHandle pass(kj::addRef(*connection_), std::string(token.begin(), token.size()));
    connection_->holder = pass.session().holder();  // Fails the call if the token is not valid.
    connection_->authenticated = true;
    context.getResults().setSession(kj::heap<SessionServer>(std::move(pass), timer_));
    call.answered();
    return kj::READY_NOW;
  }

 private:
  kj::Own<Connection> connection_;
  kj::Timer& timer_;
};

}  // namespace

rpc::Gate::Client make_gate(kj::Own<Connection> connection, kj::Timer& timer) {
  return kj::heap<GateServer>(kj::mv(connection), timer);
}

}  // namespace runledger
