// Makes another copy of the ledger when the mirror went past the first one while the command waited for Postgres.
#include "tools/cli/quiescent_mirror.h"

#include "ledger/base/failure.h"
#include "tools/cli/options/mirror_options.h"

namespace runledger {
namespace {

constexpr int kCopiesMax = 5;

}  // namespace

QuiescentMirror::QuiescentMirror(const Context& context, const MirrorOptions& options, Served served,
                                 const Open& open) {
  for (int copies = 1;; ++copies) {
    mirror_.reset();
    resting_.emplace(context, served);
    mirror_.emplace(resting_->ledger().log(), options);
    try {
      open(*mirror_);
      return;
    } catch (const Failure& failure) {
      if (failure.code() != "mirror.ahead" || !resting_->is_copy() || copies == kCopiesMax) throw;
    }
  }
}

void QuiescentMirror::open_with_retries(Mirror& mirror) {
  mirror.open(kMirrorTimeout);
}

}  // namespace runledger
