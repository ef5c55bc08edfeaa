// Reads the log and the local rows in this process.
#include <optional>
#include <utility>

#include "ledger/base/mutex.h"
#include "ledger/ledger.h"
#include "ledger/log/codec.h"
#include "projections/folds/run_story.h"
#include "projections/reader/ledger_reader.h"
#include "projections/rows/list_parts.h"

namespace runledger {
namespace {

class EmbeddedReader final : public LedgerReader {
 public:
  EmbeddedReader(Ledger& ledger, std::function<Progress()> progress)
      : ledger_(ledger), make_progress_(std::move(progress)) {}

  Result<RunPage> list(const RunFilter& filter, std::size_t limit, const std::string& cursor) override {
    const RowStore& rows = caught_up();
    return list_in_parts(limit, cursor,
                         [&](std::size_t count, const std::string& from) { return rows.list(filter, count, from); });
  }

  Result<LedgerTotals> totals(const RunFilter& filter) override {
    LedgerTotals totals = caught_up().totals(filter);
    totals.log = standing_of(ledger_.log());
    return totals;
  }

  Result<std::map<RunId, Counts>> progress(const std::vector<RunId>& runs) override {
    std::map<RunId, Counts> found;
    for (const RunId& run : runs) {
      if (Counts counts = ledger_.states().load_progress(run); !counts.empty()) found.emplace(run, std::move(counts));
    }
    return found;
  }

  Result<Sequence> head() override { return ledger_.log().last(); }

  Result<std::vector<VisibleEvent>> run_events(RunId run, const std::optional<AsOf>& as_of) override {
    const EventLog& log = ledger_.log();
    Sequence to = log.last();
    if (as_of)
      to = std::holds_alternative<Time>(*as_of) ? log.as_of(std::get<Time>(*as_of)) : std::get<Sequence>(*as_of);
    std::vector<VisibleEvent> events;
    for (Envelope& envelope : log.read_run(run, to)) {
      const EventId id = event_id(encode(envelope));
      events.push_back({std::move(envelope), id});
    }
    if (events.empty() || is_of_ledger(events.front().envelope.event)) return no_such_run(run);
    return events;
  }

  Result<EventPage> events(const EventQuery& query) override {
    const EventLog& log = ledger_.log();
    if (const Sequence last = log.last(); query.after > last) return position_ahead(query.after.value, last.value);
    if (query.wait.count() > 0 && query.after >= log.last()) (void)log.wait_past(query.after, query.wait);
    return read_events(log, query);
  }

  Result<Explanation> explain(const RunRequest& request) override { return runledger::explain(ledger_, request); }

  Result<std::string> answer(const Question& question) override {
    const Asker owner;
    return runledger::answer({ledger_, caught_up(), owner}, question);
  }

  Result<Catalog> catalog() override { return *ledger_.catalog(); }

 private:
  const RowStore& caught_up() {
    const MutexLock lock(mutex_);
    // The first call that needs the rows opens them. Calls that read only the log do without them.
    if (!rows_) rows_.emplace(ledger_.log());
    if (rows_->checkpoint() < ledger_.log().last()) rows_->catch_up(make_progress_ ? make_progress_() : Progress());
    return *rows_;
  }

  Ledger& ledger_;
  std::function<Progress()> make_progress_;
  Mutex mutex_;  // Guards the creation of rows_ and its catching up. Reading the rows needs no lock.
  std::optional<RowStore> rows_ RUNLEDGER_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<LedgerReader> embedded_reader(Ledger& ledger, std::function<Progress()> progress) {
  return std::make_unique<EmbeddedReader>(ledger, std::move(progress));
}

}  // namespace runledger
