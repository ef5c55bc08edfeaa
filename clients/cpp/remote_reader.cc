// A LedgerReader that queries a daemon. Long results are read in parts, because messages have a limited size.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "clients/cpp/command_wire.h"
#include "clients/cpp/connect.h"
#include "clients/cpp/read_wire.h"
#include "clients/cpp/rpc_link.h"
#include "clients/cpp/wire_fields.h"
#include "projections/reader/ledger_reader.h"
#include "projections/rows/codec.h"
#include "projections/rows/list_parts.h"

namespace runledger {
namespace {

// Long enough for the restart of a daemon, and short enough for a person who waits for the output.
constexpr auto kReadTimeoutMax = std::chrono::seconds(5);

// Absent for a caller who may not see the whole ledger.
template <class Response>
std::optional<LogStanding> standing_in(const Response& response) {
  LogStanding standing;
  const auto root = response.getRoot();
  if (root.size() != standing.tree.root.bytes.size()) return std::nullopt;
  standing.tree.size = response.getSize();
  std::copy(root.begin(), root.end(), standing.tree.root.bytes.begin());
  if (response.getIsSigned()) standing.signed_size = response.getSignedSize();
  return standing;
}

class RemoteReader final : public LedgerReader {
 public:
  explicit RemoteReader(std::shared_ptr<RpcLink> link) : link_(std::move(link)) {}

  Result<RunPage> list(const RunFilter& filter, std::size_t limit, const std::string& cursor) override {
    return list_in_parts(limit, cursor,
                         [&](std::size_t count, const std::string& from) { return list_part(filter, count, from); });
  }

  Result<LedgerTotals> totals(const RunFilter& filter) override {
    return ask<LedgerTotals>(
        [&](RpcLink::Capabilities& daemon) {
          auto request = daemon.reader().totalsRequest();
          wire::write(request.initFilter(), filter);
          return request.send();
        },
        [](const auto& response) {
          return LedgerTotals{RowCodec::decode_sum(wire::view(response.getTotals())), Sequence{response.getHead()},
                              standing_in(response)};
        });
  }

  Result<std::map<RunId, Counts>> progress(const std::vector<RunId>& runs) override {
    return ask<std::map<RunId, Counts>>(
        [&](RpcLink::Capabilities& daemon) {
          auto request = daemon.reader().progressRequest();
          auto list = request.initRuns(static_cast<unsigned>(runs.size()));
          for (unsigned i = 0; i < list.size(); ++i) list.set(i, wire::to_data(runs[i]));
          return request.send();
        },
        [&](const auto& response) { return wire::read(response.getProgress(), runs); });
  }

  Result<Sequence> head() override {
    return ask<Sequence>([](RpcLink::Capabilities& daemon) { return daemon.reader().headRequest().send(); },
                         [](const auto& response) { return Sequence{response.getHead()}; });
  }

  Result<std::vector<VisibleEvent>> run_events(RunId run, const std::optional<AsOf>& as_of) override {
    std::vector<VisibleEvent> all;
    for (bool more = true; more;) {
      const RunVersion after = all.empty() ? RunVersion{} : all.back().envelope.run_version;
      Result<std::vector<VisibleEvent>> part = ask<std::vector<VisibleEvent>>(
          [&](RpcLink::Capabilities& daemon) {
            auto request = daemon.reader().runEventsRequest();
            request.setRun(wire::to_data(run));
            wire::write(request.initAsOf(), as_of);
            request.setAfter(after.value);
            return request.send();
          },
          [&more](const auto& response) {
            // A daemon that promises more but sends nothing must not make this loop endless.
            more = response.getMore() && response.getEvents().size() > 0;
            return wire::read(response.getEvents());
          });
      if (!part) return part;
      std::move(part->begin(), part->end(), std::back_inserter(all));
    }
    return all;
  }

  Result<EventPage> events(const EventQuery& query) override {
    return ask<EventPage>(
        [&](RpcLink::Capabilities& daemon) {
          auto request = daemon.auditor().eventsRequest();
          request.setAfter(query.after.value);
          request.setTo(query.to.value);
          request.setLimit(static_cast<std::uint32_t>(query.count_max));
          request.setWaitMs(static_cast<std::uint32_t>(query.wait.count()));
          wire::write(request.initFilter(), query.filter);
          return request.send();
        },
        [](const auto& response) {
          return EventPage{wire::read(response.getEvents()), Sequence{response.getNext()}};
        });
  }

  Result<Explanation> explain(const RunRequest& run_request) override {
    return ask<Explanation>(
        [&](RpcLink::Capabilities& daemon) {
          auto request = daemon.requester().explainRequest();
          wire::write(request.initOrder(), run_request, {});
          return request.send();
        },
        [](const auto& response) { return wire::read(rpc::Explanation::Reader(response.getExplanation())); });
  }

  Result<std::string> answer(const Question& question) override {
    return ask<std::string>(
        [&](RpcLink::Capabilities& daemon) {
          auto request = daemon.reader().answerRequest();
          request.setAbout(wire::to_text(question.about));
          const Parameters::Pairs& pairs = question.parameters.pairs();
          auto parameters = request.initParameters(static_cast<unsigned>(pairs.size()));
          for (unsigned i = 0; i < parameters.size(); ++i) {
            parameters[i].setKey(wire::to_text(pairs[i].first));
            parameters[i].setValue(wire::to_text(pairs[i].second));
          }
          return request.send();
        },
        [](const auto& response) { return std::string(wire::view(response.getJson())); });
  }

  Result<Catalog> catalog() override {
    const Result<std::string> json =
        ask<std::string>([](RpcLink::Capabilities& daemon) { return daemon.reader().catalogRequest().send(); },
                         [](const auto& response) { return std::string(wire::view(response.getJson())); });
    if (!json) return json.rejection();
    return Catalog::parse(*json, {});
  }

 private:
  Result<RunPage> list_part(const RunFilter& filter, std::size_t limit, const std::string& cursor) {
    return ask<RunPage>(
        [&](RpcLink::Capabilities& daemon) {
          auto request = daemon.reader().listRequest();
          wire::write(request.initFilter(), filter);
          request.setLimit(static_cast<std::uint32_t>(limit));
          request.setCursor(wire::to_text(cursor));
          return request.send();
        },
        [](const auto& response) {
          RunPage page;
          for (const auto run : response.getRuns()) page.rows.push_back(wire::read(rpc::RunRow::Reader(run)));
          if (response.getNextCursor().size() > 0) page.next_cursor = std::string(wire::view(response.getNextCursor()));
          page.scanned = response.getScanned();
          if (response.getHasReached()) page.reached = Time{response.getReached()};
          return page;
        });
  }

  // Sends a request with `send` and returns what `read` makes of the response.
  template <class T, class Send, class Read>
  Result<T> ask(const Send& send, const Read& read) {
    T result{};
    std::optional<Failure> unreadable;  // KJ would reduce an exception to its text, so it must not pass through KJ.
    const auto outcome = link_->call(
        [&](RpcLink::Capabilities& daemon) -> kj::Promise<void> {
          return send(daemon).then([&](auto&& response) {
            try {
              result = read(response);
              unreadable.reset();
            } catch (const Failure& failure) {
              unreadable = failure;
            }
          });
        },
        std::min<std::chrono::milliseconds>(link_->address().timeout, kReadTimeoutMax));
    if (const auto* failure = std::get_if<Failure>(&outcome)) throw *failure;
    if (const auto* rejection = std::get_if<Rejection>(&outcome)) return *rejection;
    if (std::holds_alternative<RpcLink::Lost>(outcome)) {
      throw Failure(Remedy::kRetryLater, "daemon.unreachable",
                    fmt::format("expected an answer of the daemon on {}, lost it", link_->address().str()));
    }
    if (unreadable) throw Failure(*unreadable);
    return result;
  }

  std::shared_ptr<RpcLink> link_;
};

}  // namespace

std::unique_ptr<LedgerReader> remote_reader(std::shared_ptr<RpcLink> link) {
  return std::make_unique<RemoteReader>(std::move(link));
}

}  // namespace runledger
