// Hands what is asked to the session, on a thread that may wait, and sends what comes of it.
#include "tools/daemon/rpc_reader.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "ledger/codec.h"
#include "projections/list_parts.h"
#include "projections/read_words.h"
#include "tools/daemon/rpc_threads.h"

namespace runledger {
namespace {

constexpr std::size_t kEventsPerCallMax = 4096;  // That one call gives back.
constexpr std::size_t kEventsPerTakeMax = 512;   // Given to a sink at once.
constexpr auto kLookForEventsEvery = 20 * kj::MILLISECONDS;

template <class T>
T need(Result<T> result) {
  if (!result) fail_call(result.rejection());
  return *std::move(result);
}

class ReaderServer final : public rpc::Reader::Server {
 public:
  explicit ReaderServer(Pass pass) : pass_(std::move(pass)) {}

  kj::Promise<void> list(ListContext context) override {
    const auto params = context.getParams();
    if (params.getLimit() == 0) fail_call("limit.invalid", "expected a limit of at least 1, found 0");
    const std::size_t limit = std::min<std::size_t>(params.getLimit(), kRunsPerPartMax);
    const std::string cursor(params.getCursor().begin(), params.getCursor().size());
    return read<RunPage>([session = pass_.session(), filter = need(words::read(params.getFilter())), limit, cursor] {
             return session.list(filter, limit, cursor);
           })
        .then([context](const std::shared_ptr<RunPage>& page) mutable {
          auto runs = context.getResults().initRuns(static_cast<unsigned>(page->rows.size()));
          for (unsigned i = 0; i < runs.size(); ++i) words::write(rpc::RunRow::Builder(runs[i]), page->rows[i]);
          if (page->next_cursor) context.getResults().setNextCursor(page->next_cursor->c_str());
        });
  }

 private:
  template <class T>
  kj::Promise<std::shared_ptr<T>> read(std::function<Result<T>()> work) {
    CallUnderWay call(pass_.connection());
    return run_in_turn<T>(pass_.connection(), std::move(work))
        .then([call = kj::mv(call)](std::shared_ptr<T>&& read) mutable {
          call.answered();
          return kj::mv(read);
        });
  }

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
  if (!page) fail_call(page.rejection());
  return *std::move(page);
}

// Lives as long as the caller holds it; so does its loop. Lets go of the sink when it cannot go on, which tells the
// caller.
class SubscriptionServer final : public rpc::Subscription::Server {
 public:
  SubscriptionServer(Pass pass, Sequence after, rpc::EventSink::Client sink, kj::Timer& timer)
      : pass_(std::move(pass)),
        open_(pass_.connection()),
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
  OpenSubscription open_;
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

}  // namespace

rpc::Reader::Client make_reader(Pass pass) {
  return kj::heap<ReaderServer>(std::move(pass));
}

rpc::Auditor::Client make_auditor(Pass pass, kj::Timer& timer) {
  return kj::heap<AuditorServer>(std::move(pass), timer);
}

}  // namespace runledger
