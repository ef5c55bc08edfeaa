// The capabilities that read: each passes the query to the session, on a pool thread, and sends the result.
//
// The event loop's thread never reads rows or events itself. run_call() and run_in_turn() wait for the connection's
// turn (RpcTurns: one read at a time, and none while the caller has not taken earlier answers), carry the read out on
// RpcThreads, and continue on the event loop with the result. Parameters are converted before that, so a bad query
// fails without using a thread.
//
// Waiting for events costs no thread either. page_by() of the Auditor and give() of a subscription work alike: they
// note how far the log is (`seen`), read a page, and if it has nothing for this caller, wait until the log has grown
// past `seen` (RpcLogWatch) and read again. `seen` is noted before the read, so an event that comes during the read is
// not missed. In a busy ledger, most growth is of other callers' events; a waiter that was woken for nothing therefore
// pauses for 20 ms before it waits again.
//
// A subscription is a loop of promises that the SubscriptionServer owns: it ends when the caller drops the capability.
// It sends one page, waits for the sink's reply, and only then reads the next, so a slow sink slows down its own
// subscription only. Any failure releases the sink, by which the caller notices; that includes the end of its token.
//
// Both are joined with token_ended(), so that they end soon after their token, whatever they wait for.
#include "tools/daemon/rpc/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "clients/cpp/read_wire.h"
#include "ledger/exchange/catalog_json.h"
#include "projections/rows/codec.h"
#include "projections/rows/list_parts.h"
#include "tools/daemon/rpc/log_watch.h"
#include "tools/daemon/rpc/threads.h"

namespace runledger {
namespace {

constexpr std::size_t kEventsPerCallMax = 4096;  // That one call returns.
constexpr std::size_t kEventsPerTakeMax = 512;   // Sent to a sink in one call.
constexpr auto kNoPause = 0 * kj::MILLISECONDS;
// After a wake-up by events of other callers, so that a busy ledger does not wake a waiter for each of them.
constexpr auto kPauseAfterNothing = 20 * kj::MILLISECONDS;
constexpr auto kTokenCheckedEvery = Session::kTokenCheckedEvery.count() * kj::MILLISECONDS;
constexpr std::uint32_t kWaitMsMax = 60'000;
constexpr unsigned kParametersMax = 64;

template <class Results>
void write_events(Results results, const std::vector<VisibleEvent>& events) {
  wire::write(results.initEvents(static_cast<unsigned>(events.size())), events);
}

// Waits for `pause`, and then until the log has grown past `seen`.
kj::Promise<void> grown(const RpcCaller& caller, kj::Timer& timer, Sequence seen, kj::Duration pause) {
  return timer.afterDelay(pause).then([&caller, seen] { return caller.log_watch.past(seen); });
}

// Never fulfilled. Fails once the token has ended, as a call with it does.
template <class T>
kj::Promise<T> token_ended(const SessionHandle& pass, kj::Timer& timer) {
  return timer.afterDelay(kTokenCheckedEvery).then([&pass, &timer] {
    (void)pass.session();
    return token_ended<T>(pass, timer);
  });
}

class ReaderServer final : public rpc::Reader::Server {
 public:
  explicit ReaderServer(SessionHandle pass) : pass_(std::move(pass)) {}

  kj::Promise<void> list(ListContext context) override {
    CallUnderWay call(pass_.connection(), "list");
    const auto params = context.getParams();
    if (params.getLimit() == 0) fail_call(pass_.watch(), "limit.invalid", "expected a limit of at least 1, found 0");
    const std::size_t limit = std::min<std::size_t>(params.getLimit(), kRunsPerPartMax);
    const std::string cursor(params.getCursor().begin(), params.getCursor().size());
    const RunFilter filter = need(pass_.watch(), wire::read(params.getFilter()));
    return run_call<RunPage>(
               kj::mv(call), pass_.connection(),
               [session = pass_.session(), filter, limit, cursor] { return session.list(filter, limit, cursor); })
        .then([context](const std::shared_ptr<RunPage>& page) mutable {
          auto runs = context.getResults().initRuns(static_cast<unsigned>(page->rows.size()));
          for (unsigned i = 0; i < runs.size(); ++i) wire::write(rpc::RunRow::Builder(runs[i]), page->rows[i]);
          if (page->next_cursor) context.getResults().setNextCursor(page->next_cursor->c_str());
          context.getResults().setScanned(page->scanned);
          context.getResults().setHasReached(page->reached.has_value());
          context.getResults().setReached(page->reached.value_or(Time{}).unix_us);
        });
  }

  kj::Promise<void> totals(TotalsContext context) override {
    CallUnderWay call(pass_.connection(), "totals");
    const RunFilter filter = need(pass_.watch(), wire::read(context.getParams().getFilter()));
    if (!selects_totals(filter))
      fail_call(pass_.watch(), "filter.invalid",
                "expected totals of a workspace, tenant and type, found another filter");
    return run_call<LedgerTotals>(kj::mv(call), pass_.connection(),
                                  [session = pass_.session(), filter] { return session.totals(filter); })
        .then([context](const std::shared_ptr<LedgerTotals>& totals) mutable {
          const std::string bytes = RowCodec::encode_sum(totals->statistics);
          context.getResults().setTotals(kj::arrayPtr(reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()));
          context.getResults().setHead(totals->head.value);
          if (!totals->log) return;
          context.getResults().setSize(totals->log->tree.size);
          const auto& root = totals->log->tree.root.bytes;
          context.getResults().setRoot(kj::arrayPtr(root.data(), root.size()));
          context.getResults().setIsSigned(totals->log->signed_size.has_value());
          context.getResults().setSignedSize(totals->log->signed_size.value_or(0));
        });
  }

  kj::Promise<void> progress(ProgressContext context) override {
    CallUnderWay call(pass_.connection(), "progress");
    const auto params = context.getParams().getRuns();
    if (params.size() > LedgerReader::kProgressRunsMax)
      fail_call(pass_.watch(), "limit.invalid",
                fmt::format("expected at most {} runs, found {}", LedgerReader::kProgressRunsMax, params.size()));
    std::vector<RunId> runs;
    for (const auto run : params) runs.push_back(need(pass_.watch(), wire::read_run_id(run)));
    return run_call<std::map<RunId, Counts>>(kj::mv(call), pass_.connection(),
                                             [session = pass_.session(), runs] { return session.progress(runs); })
        .then([context, runs](const std::shared_ptr<std::map<RunId, Counts>>& progress) mutable {
          wire::write(context.getResults().initProgress(static_cast<unsigned>(runs.size())), runs, *progress);
        });
  }

  kj::Promise<void> head(HeadContext context) override {
    CallUnderWay call(pass_.connection(), "head");
    return run_call<Sequence>(kj::mv(call), pass_.connection(),
                              [session = pass_.session()] { return Result<Sequence>(session.head()); })
        .then([context](const std::shared_ptr<Sequence>& head) mutable { context.getResults().setHead(head->value); });
  }

  kj::Promise<void> runEvents(RunEventsContext context) override {
    CallUnderWay call(pass_.connection(), "runEvents");
    const auto params = context.getParams();
    const RunId run = need(pass_.watch(), wire::read_run_id(params.getRun()));
    const std::optional<AsOf> as_of = need(pass_.watch(), wire::read(params.getAsOf()));
    const RunVersion after{params.getAfter()};
    return run_call<RunEventPage>(
               kj::mv(call), pass_.connection(),
               [session = pass_.session(), run, as_of, after] { return session.run_events(run, as_of, after); })
        .then([context](const std::shared_ptr<RunEventPage>& page) mutable {
          write_events(context.getResults(), page->events);
          context.getResults().setMore(page->more);
        });
  }

  kj::Promise<void> answer(AnswerContext context) override {
    CallUnderWay call(pass_.connection(), "answer");
    const auto params = context.getParams();
    if (params.getParameters().size() > kParametersMax)
      fail_call(pass_.watch(), "query.invalid", fmt::format("expected at most {} parameters", kParametersMax));
    Question question{.about = params.getAbout().cStr(), .parameters = {}};
    for (const auto each : params.getParameters())
      question.parameters.add(each.getKey().cStr(), std::string(each.getValue().begin(), each.getValue().size()));
    return run_call<std::string>(kj::mv(call), pass_.connection(),
                                 [session = pass_.session(), question] { return session.answer(question); })
        .then([context](const std::shared_ptr<std::string>& json) mutable {
          context.getResults().setJson(json->c_str());
        });
  }

  kj::Promise<void> catalog(CatalogContext context) override {
    CallUnderWay call(pass_.connection(), "catalog");
    context.getResults().setJson(catalog_to_json(*pass_.session().catalog()).c_str());
    call.answered();
    return kj::READY_NOW;
  }

 private:
  SessionHandle pass_;
};

// A subscription. It and its loop live as long as the caller holds the capability. When it cannot go on, it releases
// the sink, by which the caller notices.
class SubscriptionServer final : public rpc::Subscription::Server {
 public:
  SubscriptionServer(SessionHandle pass, Sequence after, rpc::EventSink::Client sink, kj::Timer& timer)
      : pass_(std::move(pass)),
        open_(pass_.connection()),
        position_(after),
        sink_(kj::mv(sink)),
        timer_(timer),
        loop_(give().exclusiveJoin(token_ended<void>(pass_, timer_)).eagerlyEvaluate([this](kj::Exception&&) {
          sink_ = nullptr;
        })) {}

 private:
  kj::Promise<void> give() {
    return kj::evalNow([this] {
      const Sequence seen = pass_.connection().caller.log_watch.last();
      return run_in_turn<EventPage>(
                 pass_.connection(),
                 [session = pass_.session(), after = position_] { return session.events(after, kEventsPerTakeMax); })
          .then([this, seen](const std::shared_ptr<EventPage>& page) { return hand_over(*page, seen); });
    });
  }

  // `seen` is the log's last position at some moment before the page was read.
  kj::Promise<void> hand_over(const EventPage& page, Sequence seen) {
    const bool moved = page.next != position_;
    position_ = page.next;
    const kj::Duration pause = std::exchange(woken_, !moved) ? kPauseAfterNothing : kNoPause;
    if (!moved) {
      return grown(pass_.connection().caller, timer_, seen, pause).then([this] { return give(); });
    }
    if (page.events.empty()) return give();
    auto request = sink_.takeRequest();
    wire::write(request.initEvents(static_cast<unsigned>(page.events.size())), page.events);
    return request.send().ignoreResult().then([this] { return give(); });
  }

  SessionHandle pass_;
  OpenSubscription open_;
  Sequence position_;
  bool woken_ = false;  // The last page did not move the position.
  rpc::EventSink::Client sink_;
  kj::Timer& timer_;
  kj::Promise<void> loop_;
};

class AuditorServer final : public rpc::Auditor::Server {
 public:
  AuditorServer(SessionHandle pass, kj::Timer& timer) : pass_(std::move(pass)), timer_(timer) {}

  kj::Promise<void> events(EventsContext context) override {
    auto call = kj::heap<CallUnderWay>(pass_.connection(), "events");
    const auto params = context.getParams();
    if (params.getLimit() == 0) fail_call(pass_.watch(), "limit.invalid", "expected a limit of at least 1, found 0");
    const EventQuery query{.after = Sequence{params.getAfter()},
                           .to = Sequence{params.getTo()},
                           .filter = need(pass_.watch(), wire::read(params.getFilter())),
                           .count_max = std::min<std::size_t>(params.getLimit(), kEventsPerCallMax)};
    const auto wait = static_cast<std::int64_t>(std::min(params.getWaitMs(), kWaitMsMax)) * kj::MILLISECONDS;
    if (wait > 0 * kj::MILLISECONDS) call->allow_cancellation();
    context.releaseParams();
    context.allowCancellation();
    return kj::evalNow([&] { return page_by(query, timer_.now() + wait, kNoPause); })
        .exclusiveJoin(token_ended<std::shared_ptr<EventPage>>(pass_, timer_))
        .then(
            [context, &call = *call](const std::shared_ptr<EventPage>& page) mutable {
              write_events(context.getResults(), page->events);
              context.getResults().setNext(page->next.value);
              call.answered();
            },
            [&call = *call](kj::Exception&& error) {
              call.failed();
              kj::throwFatalException(kj::mv(error));
            })
        .attach(kj::mv(call), thisCap());
  }

  kj::Promise<void> subscribe(SubscribeContext context) override {
    CallUnderWay call(pass_.connection(), "subscribe");
    const Sequence after{context.getParams().getAfter()};
    // A read of nothing, before the subscription exists: a refusal can still be sent with its code.
    const EventQuery nothing{.after = after, .to = after, .filter = {}, .count_max = 1};
    return run_in_turn<EventPage>(pass_.connection(),
                                  [session = pass_.session(), nothing] { return session.events(nothing); })
        .then([this, context, after, call = kj::mv(call)](const std::shared_ptr<EventPage>&) mutable {
          context.getResults().setSubscription(
              kj::heap<SubscriptionServer>(pass_, after, context.getParams().getSink(), timer_));
          call.answered();
        })
        .attach(thisCap());
  }

 private:
  // Returns the first page that moves on, or the one that there is at the deadline. Waits without a thread, and for at
  // least `pause` before it reads again.
  kj::Promise<std::shared_ptr<EventPage>> page_by(const EventQuery& query, kj::TimePoint deadline, kj::Duration pause) {
    const Sequence seen = pass_.connection().caller.log_watch.last();
    return run_in_turn<EventPage>(pass_.connection(),
                                  [session = pass_.session(), query] { return session.events(query); })
        .then([=, this](std::shared_ptr<EventPage> page) -> kj::Promise<std::shared_ptr<EventPage>> {
          if (page->next != query.after || timer_.now() >= deadline) return page;
          return grown(pass_.connection().caller, timer_, seen, pause)
              .exclusiveJoin(timer_.atTime(deadline))
              .then([this, query, deadline] { return page_by(query, deadline, kPauseAfterNothing); });
        });
  }

  SessionHandle pass_;
  kj::Timer& timer_;
};

}  // namespace

rpc::Reader::Client make_reader(SessionHandle pass) {
  return kj::heap<ReaderServer>(std::move(pass));
}

rpc::Auditor::Client make_auditor(SessionHandle pass, kj::Timer& timer) {
  return kj::heap<AuditorServer>(std::move(pass), timer);
}

}  // namespace runledger
