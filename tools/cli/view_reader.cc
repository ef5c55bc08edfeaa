// Delegates to a reader of the present view.
#include "tools/cli/view_reader.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "ledger/base/mutex.h"
#include "tools/cli/kept_checkpoints.h"
#include "tools/cli/viewed_ledger.h"

namespace runledger {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookedAtEvery{20};

class ViewReader final : public LedgerReader {
 public:
  explicit ViewReader(const Context& context) : context_(context) {
    const MutexLock lock(mutex_);
    renew();
  }

  Result<RunPage> list(const RunFilter& filter, std::size_t limit, const std::string& cursor) override {
    const MutexLock lock(mutex_);
    return reader_->list(filter, limit, cursor);
  }
  Result<LedgerTotals> totals(const RunFilter& filter) override {
    const MutexLock lock(mutex_);
    Result<LedgerTotals> totals = reader_->totals(filter);
    if (totals && totals->log) totals->log->signed_size = signed_size_;
    return totals;
  }
  Result<std::map<RunId, Counts>> progress(const std::vector<RunId>& runs) override {
    const MutexLock lock(mutex_);
    return reader_->progress(runs);
  }
  Result<Sequence> head() override {
    const MutexLock lock(mutex_);
    return reader_->head();
  }
  Result<std::vector<VisibleEvent>> run_events(RunId run, const std::optional<AsOf>& as_of) override {
    const MutexLock lock(mutex_);
    return reader_->run_events(run, as_of);
  }
  Result<Explanation> explain(const RunRequest& request) override {
    const MutexLock lock(mutex_);
    return reader_->explain(request);
  }
  Result<std::string> answer(const Question& question) override {
    const MutexLock lock(mutex_);
    return reader_->answer(question);
  }
  Result<Catalog> catalog() override {
    const MutexLock lock(mutex_);
    return reader_->catalog();
  }

  Result<EventPage> events(const EventQuery& query) override {
    const MutexLock lock(mutex_);
    const steady_clock::time_point deadline = steady_clock::now() + query.wait;
    EventQuery at_once = query;
    at_once.wait = {};
    for (;;) {
      Result<EventPage> page = reader_->events(at_once);
      if (!page || page->next > query.after || !is_changed_before(deadline)) return page;
      renew();
    }
  }

 private:
  [[nodiscard]] bool is_changed_before(steady_clock::time_point deadline) const RUNLEDGER_REQUIRES(mutex_) {
    while (steady_clock::now() < deadline) {
      if (viewed_->is_outdated()) return true;
      std::this_thread::sleep_for(kLookedAtEvery);
    }
    return false;
  }

  void renew() RUNLEDGER_REQUIRES(mutex_) {
    reader_.reset();
    // A view has none of what the ledger has signed. First: the log then has all of its events.
    const std::optional<Checkpoint> newest = newest_checkpoint(context_.data);
    signed_size_ = newest ? std::optional(newest->tree.size) : std::nullopt;
    viewed_.emplace(context_);
    reader_ =
        embedded_reader(viewed_->ledger(), [context = context_] { return progress_bar(context, "reading the log"); });
  }

  const Context context_;
  Mutex mutex_;  // A reader is used while no other call replaces its view.
  std::optional<std::uint64_t> signed_size_ RUNLEDGER_GUARDED_BY(mutex_);
  std::optional<ViewedLedger> viewed_ RUNLEDGER_GUARDED_BY(mutex_);
  std::unique_ptr<LedgerReader> reader_ RUNLEDGER_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<LedgerReader> view_reader(const Context& context) {
  return std::make_unique<ViewReader>(context);
}

}  // namespace runledger
