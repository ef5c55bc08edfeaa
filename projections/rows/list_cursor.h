// The cursor of a list: a position that only this ledger can read, bound to the filter of its list.
#pragma once

#include <optional>
#include <string>

#include "ledger/rules/identity.h"
#include "projections/rows/run_list.h"

namespace runledger {

// Seals the position under a key derived from the ledger's (PositionSeal), because it may be that of another tenant's
// run. Returns hexadecimal digits; the same position and filter always give the same cursor.
[[nodiscard]] std::string seal_cursor(const IdentityKey& key, const RunFilter& filter, Sequence position);

// The position in `cursor`; absent when `cursor` was not sealed under this key for this filter.
[[nodiscard]] std::optional<Sequence> open_cursor(const IdentityKey& key, const RunFilter& filter,
                                                  const std::string& cursor);

// The same for the cursor of another question: `what` names the question, its scope and its filters.
[[nodiscard]] std::string seal_question_cursor(const IdentityKey& key, const std::string& what, Sequence position);
[[nodiscard]] std::optional<Sequence> open_question_cursor(const IdentityKey& key, const std::string& what,
                                                           const std::string& cursor);

}  // namespace runledger
