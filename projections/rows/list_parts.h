// Assembles a page of runs from parts, so that no message about it grows without limit.
#pragma once

#include <algorithm>
#include <functional>
#include <string>

#include "projections/rows/store.h"

namespace runledger {

inline constexpr std::size_t kRunsPerPartMax = 64;

// Lists as RowStore::list() does. `part` returns a page as RowStore::list() does, of at most kRunsPerPartMax rows.
// Every reader uses this function, so that a page ends at the same row for all of them.
[[nodiscard]] inline Result<RunPage> list_in_parts(
    std::size_t limit, const std::string& cursor,
    const std::function<Result<RunPage>(std::size_t limit, const std::string& cursor)>& part) {
  RunPage page;
  page.next_cursor = cursor;
  for (bool more = true; more;) {
    const std::size_t asked = std::min(limit - page.rows.size(), kRunsPerPartMax);
    Result<RunPage> next = part(asked, *page.next_cursor);
    if (!next) return next;
    // A part that is not full has skipped as many rows as a page may.
    more = next->rows.size() == asked && next->next_cursor && page.rows.size() + asked < limit;
    std::move(next->rows.begin(), next->rows.end(), std::back_inserter(page.rows));
    page.next_cursor = std::move(next->next_cursor);
    page.scanned += next->scanned;
    page.reached = next->reached;
  }
  return page;
}

}  // namespace runledger
