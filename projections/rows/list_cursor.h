// Where a list goes on: a position that only this ledger can read, bound to the filter of its list.
#pragma once

#include <optional>
#include <string>

#include "ledger/rules/identity.h"
#include "projections/rows/run_list.h"

namespace runledger {

// Encrypts and authenticates the position under a key derived from the ledger's: a position is a place in the whole
// log, which may be that of another tenant's run, and would tell how much its neighbours do. Hexadecimal digits; the
// same position always gives the same cursor.
[[nodiscard]] std::string seal_cursor(const IdentityKey& key, const RunFilter& filter, Sequence position);

// Absent when `cursor` was not sealed under this key for this filter.
[[nodiscard]] std::optional<Sequence> open_cursor(const IdentityKey& key, const RunFilter& filter,
                                                  const std::string& cursor);

}  // namespace runledger
