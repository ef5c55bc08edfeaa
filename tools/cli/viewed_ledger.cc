// Makes views until one opens, or until what looks damaged does so although nothing changed.
#include "tools/cli/viewed_ledger.h"

#include "ledger/base/failure.h"

namespace runledger {
namespace {

constexpr int kViewsMax = 10;

Context viewed(const Context& context, const LedgerView& view) {
  Context looked_at = context;
  looked_at.data = view.path();
  looked_at.data_is_copy = true;
  looked_at.view_of = context.data;
  return looked_at;
}

}  // namespace

ViewedLedger::ViewedLedger(const Context& context) {
  require_no_connect(context);
  for (int views = 1;; ++views) {
    view_.emplace(context.data);
    try {
      ledger_.reset(new Ledger(open_ledger(viewed(context, *view_))));  // make_unique would have to move it.
      return;
    } catch (const Failure& failure) {
      const bool may_be_passing = failure.remedy() == Remedy::kDamageFound && view_->is_outdated();
      if (!may_be_passing || views == kViewsMax)
        throw Failure(failure.remedy(), failure.code(), view_->in_terms_of_ledger(failure.what()));
    }
  }
}

}  // namespace runledger
