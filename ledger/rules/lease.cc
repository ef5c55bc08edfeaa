// A lease ends by silence. Of the clocks that can measure it, the one that shows the shortest silence counts.
#include "ledger/rules/lease.h"

#include <algorithm>

namespace runledger {
namespace {

Duration silence(const AttemptState& open, const std::optional<LifeSign>& last, const Moment& now) {
  const bool known = last && last->token == open.token;
  if (known && last->at.steady.is_of_boot(now.steady)) return now.steady.since_boot - last->at.steady.since_boot;
  return now.wall - (known ? std::max(open.started_at, last->at.wall) : open.started_at);
}

}  // namespace

Duration lease_left(const AttemptState& open, const std::optional<LifeSign>& last,
                    const std::optional<SteadyTime>& renewed_at, const Moment& now) {
  Duration silent = silence(open, last, now);
  if (renewed_at && renewed_at->is_of_boot(now.steady))
    silent = std::min(silent, now.steady.since_boot - renewed_at->since_boot);
  return open.lease - std::max(silent, Duration::zero());
}

}  // namespace runledger
