// The index entries by which deduped requests and skipped starts are found.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "projections/rows/list_index.h"

namespace runledger::row_index {

// Event entries: a level as of list entries, the rule, and the position of the event (newest first) -> RunId.
inline constexpr std::string_view kEventEntryPrefix = "d";

// The entries of an event; none for kinds that have none.
[[nodiscard]] std::vector<std::string> event_entries(const Envelope& envelope);

// Which deduped events are meant: of one rule, or of one of several.
struct DedupedOf {
  std::optional<Workspace> workspace = {};
  std::optional<Tenant> tenant = {};  // Requires the workspace.
  AnyOf<DedupeRule> rule = {};
};
// The prefixes whose entries, merged by position, hold each of these events once. Their age_of() is the position.
[[nodiscard]] RowUnion deduped_events(const DedupedOf& of);

}  // namespace runledger::row_index
