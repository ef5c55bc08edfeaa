// What would have become of the requests in a log under other policies.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "ledger/rules/catalog.h"
#include "ledger/rules/event.h"

namespace runledger {

// A request that would have been answered in another way.
struct OtherAnswer {
  Sequence sequence;
  Time recorded_at;
  RunId run;  // The one that the request made, or was answered with.
  Scope scope;
  RunType type;
  std::optional<DedupeRule> was;       // Absent: it made a run.
  std::optional<DedupeRule> would_be;  // Absent likewise.
};

struct WhatIfCounts {
  std::uint64_t requests = 0;
  std::uint64_t deduped = 0;        // Of the requests, those that were answered with an existing run.
  std::uint64_t would_deduped = 0;  // Those that would have been.
  friend bool operator==(const WhatIfCounts&, const WhatIfCounts&) = default;
};

// Folds a log, and keeps beside what happened what would have: with each request that is answered in another way, the
// history of its identity becomes another one. It judges live requests that the rules answered by the identity: those
// that made a run, and those deduped by active_run or cooldown. Lines of journals are not judged, but count.
//
// Only the cooldown differs, in the parts in which `other` differs from `in_force`: a run whose own cooldown is not
// that of `in_force` keeps it. Identities are those of the log. A run that would not have been made has no effect. One
// that would have been made is taken to last as long, and to end in the same way, as the run that its request was
// answered with; a request that was deduped by active_run is taken as not forced, because the log does not tell.
//
// Memory holds the active runs, and the identities whose cooldown has not ended in either history.
class WhatIf {
 public:
  // Owns neither; both must outlive this object.
  WhatIf(const Catalog& in_force, const Catalog& other);
  ~WhatIf();

  enum class Count { kNo, kYes };
  // Takes the next event, and counts it if it is a request that is judged. Requires all events of each identity, in the
  // order of the log, from its first on.
  [[nodiscard]] std::optional<OtherAnswer> take(const Envelope& envelope, Count count = Count::kYes);

  [[nodiscard]] const std::map<RunType, WhatIfCounts>& counts() const;
  // The counted requests whose content was erased. They are not judged, and have no effect.
  [[nodiscard]] std::uint64_t unreadable() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
