// Reads the log and the local rows of this process.
#include <mutex>
#include <optional>
#include <utility>

#include "ledger/ledger.h"
#include "projections/ledger_reader.h"
#include "projections/list_parts.h"

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

 private:
  const RowStore& caught_up() {
    const std::lock_guard lock(mutex_);
    if (!rows_) rows_.emplace(ledger_.log());
    if (rows_->checkpoint() < ledger_.log().last()) rows_->catch_up(make_progress_ ? make_progress_() : Progress());
    return *rows_;
  }

  Ledger& ledger_;
  std::function<Progress()> make_progress_;
  std::mutex mutex_;  // Guards that rows_ is there, and its catching up.
  std::optional<RowStore> rows_;
};

}  // namespace

std::unique_ptr<LedgerReader> embedded_reader(Ledger& ledger, std::function<Progress()> progress) {
  return std::make_unique<EmbeddedReader>(ledger, std::move(progress));
}

}  // namespace runledger
