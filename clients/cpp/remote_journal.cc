// Sends each part of a journal to a daemon in one RPC call.
#include "clients/cpp/remote_journal.h"

#include <fmt/format.h>

#include "clients/cpp/command_wire.h"
#include "clients/cpp/rpc_link.h"
#include "ledger/base/assert.h"
#include "ledger/base/failure.h"

namespace runledger {
namespace {

void write(rpc::Operator::ImportJournalParams::Builder out, const JournalPart& part) {
  out.setSource(part.source.name.c_str());
  if (part.source.catalog) out.setCatalog(kj::StringPtr(part.source.catalog->c_str(), part.source.catalog->size()));
  out.setMapNames(part.source.names == JournalNames::kMapped);
  out.setRetryRejected(part.source.remembered == RememberedRejections::kDecideAnew);
  out.setAdopt(part.source.adopts);
  auto lines = out.initLines(static_cast<unsigned>(part.lines.size()));
  for (unsigned i = 0; i < lines.size(); ++i) {
    lines[i].setNumber(part.lines[i].number);
    const std::string& text = part.lines[i].text;
    lines[i].setText(kj::arrayPtr(reinterpret_cast<const kj::byte*>(text.data()), text.size()));
  }
}

std::vector<JournalAnswer> read(rpc::Operator::ImportJournalResults::Reader in) {
  std::vector<JournalAnswer> answers;
  for (const auto each : in.getAnswers()) {
    const auto kind = each.getKind();
    answers.push_back({parse_line_kind({kind.begin(), kind.size()}), wire::read(each.getAnswer())});
  }
  return answers;
}

}  // namespace

Result<std::vector<JournalAnswer>> import_remotely(RpcLink& link, const JournalPart& part) {
  RUNLEDGER_ASSERT(part.lines.size() <= kJournalPartLinesMax);
  std::vector<JournalAnswer> answers;
  const RpcLink::Outcome outcome = link.call(
      [&](RpcLink::Capabilities& daemon) {
        auto request = daemon.operate().importJournalRequest();
        write(request, part);
        return request.send().then([&answers](auto&& response) { answers = read(response); });
      },
      link.address().timeout);
  if (const auto* rejection = std::get_if<Rejection>(&outcome)) return *rejection;
  RpcLink::need_done(outcome, Failure(Remedy::kAskLedger, "outcome.unknown",
                                      fmt::format("expected the daemon on {} to answer, lost it; import it again",
                                                  link.address().str())));
  if (answers.size() != part.lines.size())
    throw Failure(Remedy::kCallOperator, "daemon.failed",
                  fmt::format("expected {} answers, found {}", part.lines.size(), answers.size()));
  return answers;
}

}  // namespace runledger
