// Walks over events, newest first, in a range of times, with a limit and a cursor.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "projections/answers/asker.h"
#include "projections/answers/parameters.h"

namespace runledger {

// What a walk has looked at, as answers tell it.
struct Walked {
  std::uint64_t scanned = 0;            // Entries, found or not.
  std::optional<Sequence> next_before;  // Where to go on; absent at the end.
  std::optional<Time> reached;          // When the event there was recorded.
};

// How the visitor of a walk answers to an event: taken events count towards the limit.
enum class Step { kTaken, kSkipped };

struct WalkOptions {
  std::optional<Time> since = {};  // By the time at which an event was recorded.
  std::optional<Time> until = {};
  Sequence before{~std::uint64_t{0}};
  std::size_t taken_max = 0;    // 1 or more.
  std::size_t scanned_max = 0;  // Each costs about as much as reading an event and a row.
};

// Visits the events of these entries. Damage apart, `envelope` is the event of the entry.
Walked walk_events(const Answerer& from, const row_index::RowUnion& entries, const WalkOptions& options,
                   const std::function<Step(const Envelope& envelope)>& visit);

// Visits all events that the asker can see, whatever their kind; `before` and the positions are in its own numbering.
Walked walk_back(const Answerer& from, const WalkOptions& options,
                 const std::function<Step(const Envelope& envelope)>& visit);

// Reads the position in "cursor", if it is there. `what` are the question, the scope and the filters to which the
// cursor is bound. Throws Refused "cursor.invalid".
[[nodiscard]] Sequence need_cursor(const Answerer& from, const Parameters& parameters, const std::string& what);
// Returns the cursor for a walk that has not come to its end.
[[nodiscard]] std::optional<std::string> next_cursor(const Answerer& from, const Walked& walked,
                                                     const std::string& what);
// The text to which a cursor is bound: the question with the narrowed filter and all its parameters but "limit" and
// "cursor".
[[nodiscard]] std::string cursor_binding(std::string_view about, const RunFilter& narrowed,
                                         const Parameters& parameters);

}  // namespace runledger
