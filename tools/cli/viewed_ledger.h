// A ledger that is opened without its lock.
#pragma once

#include <memory>
#include <optional>

#include "ledger/ledger.h"
#include "ledger/log/store/ledger_view.h"
#include "tools/cli/context.h"

namespace runledger {

// A ledger that no daemon serves, opened as a view of its files: without its lock, so that no other process waits for
// this one, nor this one for another. It stays as it was at that moment.
class ViewedLedger {
 public:
  // Throws as LedgerView and open_ledger() do. What looks damaged while the files change is looked at once more.
  explicit ViewedLedger(const Context& context);

  [[nodiscard]] Ledger& ledger() { return *ledger_; }
  // Whether the ledger has changed since.
  [[nodiscard]] bool is_outdated() const { return view_->is_outdated(); }

 private:
  std::optional<LedgerView> view_;  // Outlives the ledger.
  std::unique_ptr<Ledger> ledger_;
};

}  // namespace runledger
