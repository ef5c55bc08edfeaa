// Imports one part of a journal: a pool thread translates the lines, and the event loop submits them in their order.
#include "tools/daemon/rpc/journal.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tools/daemon/rpc/answers.h"
#include "tools/daemon/rpc/threads.h"

namespace runledger {
namespace {

using Params = rpc::Operator::ImportJournalParams::Reader;
using Lines = std::vector<JournalLine>;

static_assert(kJournalPartLinesMax == kCommandsPerCallMax);

struct ReadPart {
  std::shared_ptr<const JournalRules> rules;
  Lines lines;
};

std::string text_of(capnp::Text::Reader text) {
  return {text.begin(), text.size()};
}

JournalPart read(Params in) {
  JournalPart part{.source = {.name = text_of(in.getSource()), .catalog = {}}};
  if (in.hasCatalog()) part.source.catalog = text_of(in.getCatalog());
  if (in.getMapNames()) part.source.names = JournalNames::kMapped;
  part.source.adopts = in.getAdopt();
  if (in.getRetryRejected()) part.source.remembered = RememberedRejections::kDecideAnew;
  part.lines.reserve(in.getLines().size());
  for (const auto line : in.getLines()) {
    const auto text = line.getText();
    part.lines.push_back({line.getNumber(), std::string(reinterpret_cast<const char*>(text.begin()), text.size())});
  }
  return part;
}

// `known` are the rules of the last part, and may be null. They are used again if the source is the same.
Result<ReadPart> read(const Session& session, const JournalPart& part, std::shared_ptr<const JournalRules> known) {
  if (!known || known->source != part.source) {
    Result<std::shared_ptr<const Catalog>> catalog = session.journal_rules(part.source);
    if (!catalog) return catalog.rejection();
    known = std::make_shared<const JournalRules>(JournalRules{part.source, *std::move(catalog)});
  }
  Result<Lines> lines = session.read_journal(part, known->catalog);
  if (!lines) return lines.rejection();
  return ReadPart{std::move(known), *std::move(lines)};
}

void write(ImportJournalCall& context, const std::vector<LineKind>& kinds, const std::vector<Answer>& answers,
           DaemonWatch* watch) {
  auto out = context.getResults().initAnswers(static_cast<unsigned>(answers.size()));
  for (unsigned i = 0; i < out.size(); ++i) {
    out[i].setKind(kLineKindNames[static_cast<std::size_t>(kinds[i])].data());
    write_answer(out[i].initAnswer(), answers[i], watch);
  }
}

// Submits the lines in order, and writes the answers once all of them have come.
kj::Promise<void> take(const Session& session, Lines& lines, ImportJournalCall context, CallUnderWay call,
                       DaemonWatch* watch) {
  auto pair = kj::newPromiseAndCrossThreadFulfiller<void>();
  auto gathering = std::make_shared<Gathering>(lines.size(), kj::mv(pair.fulfiller));
  std::vector<LineKind> kinds;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    kinds.push_back(lines[i].kind);
    session.take(std::move(lines[i]), gathering->slot(i, gathering));
  }
  return pair.promise.then([context, gathering, kinds = std::move(kinds), call = kj::mv(call), watch]() mutable {
    write(context, kinds, gathering->answers(), watch);
    call.answered();
  });
}

}  // namespace

kj::Promise<void> import_journal(const SessionHandle& pass, ImportJournalCall context) {
  Connection& connection = pass.connection();
  const Params params = context.getParams();
  CallUnderWay call(connection, "importJournal", std::min<std::size_t>(params.getLines().size(), kCommandsPerCallMax));
  need_batch(pass.watch(), params.getLines().size());
  const Session session = pass.session();
  auto reading = run_in_turn<ReadPart>(connection, [session, part = read(params), known = connection.journal_rules] {
    return read(session, part, known);
  });
  context.releaseParams();
  return reading.then([session, context, call = kj::mv(call),
                       connection = kj::addRef(connection)](std::shared_ptr<ReadPart>&& part) mutable {
    connection->journal_rules = part->rules;
    return take(session, part->lines, context, kj::mv(call), connection->caller.watch);
  });
}

}  // namespace runledger
