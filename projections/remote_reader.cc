// Asks a daemon, in messages of limited size.
#include <fmt/format.h>

#include <utility>

#include "ledger/rpc_fields.h"
#include "ledger/rpc_link.h"
#include "projections/ledger_reader.h"
#include "projections/list_parts.h"
#include "projections/read_words.h"

namespace runledger {
namespace {

// A reader waits for a daemon that is being restarted, but a person who looks at a screen not much longer.
constexpr auto kReadPatienceMax = std::chrono::seconds(5);

class RemoteReader final : public LedgerReader {
 public:
  explicit RemoteReader(std::shared_ptr<RpcLink> link) : link_(std::move(link)) {}

  Result<RunPage> list(const RunFilter& filter, std::size_t limit, const std::string& cursor) override {
    return list_in_parts(limit, cursor,
                         [&](std::size_t count, const std::string& from) { return list_part(filter, count, from); });
  }

 private:
  Result<RunPage> list_part(const RunFilter& filter, std::size_t limit, const std::string& cursor) {
    return ask<RunPage>(
        [&](RpcLink::Capabilities& daemon) {
          auto request = daemon.reader.listRequest();
          words::write(request.initFilter(), filter);
          request.setLimit(static_cast<std::uint32_t>(limit));
          request.setCursor(words::to_text(cursor));
          return request.send();
        },
        [](const auto& response) {
          RunPage page;
          for (const auto run : response.getRuns()) page.rows.push_back(words::read(rpc::RunRow::Reader(run)));
          if (response.getNextCursor().size() > 0)
            page.next_cursor = std::string(words::view(response.getNextCursor()));
          return page;
        });
  }

  // What `read` makes of the response to what `send` sends.
  template <class T, class Send, class Read>
  Result<T> ask(const Send& send, const Read& read) {
    T result{};
    const auto outcome = link_->call(
        [&](RpcLink::Capabilities& daemon) -> kj::Promise<void> {
          return send(daemon).then([&](auto&& response) { result = read(response); });
        },
        std::min<std::chrono::milliseconds>(link_->address().patience, kReadPatienceMax));
    if (const auto* failure = std::get_if<Failure>(&outcome)) throw *failure;
    if (const auto* rejection = std::get_if<Rejection>(&outcome)) return *rejection;
    if (std::holds_alternative<RpcLink::Lost>(outcome)) {
      throw Failure(Remedy::kRetryLater, "daemon.unreachable",
                    fmt::format("expected an answer of the daemon on {}, lost it", link_->address().str()));
    }
    return result;
  }

  std::shared_ptr<RpcLink> link_;
};

}  // namespace

std::unique_ptr<LedgerReader> remote_reader(std::shared_ptr<RpcLink> link) {
  return std::make_unique<RemoteReader>(std::move(link));
}

}  // namespace runledger
