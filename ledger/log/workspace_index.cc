// An index from workspace and position to number, with a search for the other direction.
//
// The key holds the position and the value the number, not the other way round, because answers on the sequencer's
// thread need the number of a position: that is one look-up, and so is a count up to any position (the last entry
// before it). Only a reader that names a number needs the reverse, once per page. find() searches for it: by turns
// where the event would be if events came evenly, and in the middle of what is left, so that it needs few steps as a
// rule and twice log2(n) at most. Numbers and positions of one workspace increase together, and positions at least as
// fast, so each entry that it meets narrows the range from both sides. Where the workspace is alone, the second step
// hits.
//
// Nothing else counts the events of a workspace: its last entry does. WorkspaceNumbering keeps the last numbers in
// memory, so that an append does not have to look for them.
#include "ledger/log/workspace_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "ledger/base/damage.h"
#include "ledger/log/entries.h"
#include "ledger/log/store/cursor.h"

namespace runledger {
namespace {

constexpr Sequence kEndOfLog{std::numeric_limits<std::uint64_t>::max()};

struct NumberedPosition {
  Sequence position;
  WorkspaceSequence number;
};

// Returns the number in the value of the entry at `position`.
WorkspaceSequence number_at(Sequence position, std::string_view value) {
  const WorkspaceSequence number = workspace_number_in(value);
  if (number.value == 0 || number.value > position.value) {
    throw_damaged(fmt::format("expected event {} to be number 1 to {} of its workspace, found {}", position.value,
                              position.value, number.value));
  }
  return number;
}

NumberedPosition entry_at(const Cursor& cursor) {
  require_key_size(cursor.key(), kWorkspaceEventKeyBytes, to_string(Family::kWorkspaceEvents));
  const Sequence position{number_at_end(cursor.key())};
  return {position, number_at(position, cursor.value())};
}

// Finds the entries of one workspace.
class WorkspaceCursor {
 public:
  WorkspaceCursor(const Store& store, const ContentDigest& workspace)
      : workspace_(workspace),
        cursor_(store, Family::kWorkspaceEvents, workspace_event_key(workspace, Sequence{}), "",
                Cursor::Reuse::kLikely) {}

  // Returns the last entry up to and including `to`.
  std::optional<NumberedPosition> last_at(Sequence to) {
    const std::string key = workspace_event_key(workspace_, to);
    cursor_.seek_back(key);
    if (!cursor_.valid() || cursor_.key().substr(0, sizeof(ContentDigest)) != bytes_of(workspace_)) return {};
    return entry_at(cursor_);
  }

 private:
  ContentDigest workspace_;
  Cursor cursor_;
};

WorkspaceSequence count_in_workspace(const Store& store, const ContentDigest& workspace, Sequence to) {
  const auto last = WorkspaceCursor(store, workspace).last_at(to);
  return last ? last->number : WorkspaceSequence{};
}

// Returns where the event would be if the events between `below` and `above` were spread evenly.
Sequence guess(WorkspaceSequence number, const NumberedPosition& below, const NumberedPosition& above) {
  const auto share = static_cast<double>(number.value - below.number.value) /
                     static_cast<double>(above.number.value - below.number.value);
  const auto distance = static_cast<double>(above.position.value - below.position.value);
  return Sequence{below.position.value + static_cast<std::uint64_t>(share * distance)};
}

Sequence halfway(Sequence from, Sequence until) {
  return Sequence{from.value + (until.value - from.value) / 2};
}

// Moves a cursor over the events to increasing positions.
class EventCursor {
 public:
  EventCursor(const Store& store, Sequence first)
      : cursor_(store, Family::kEvents, event_key(first), "", Cursor::Reuse::kUnlikely) {}

  // Returns the stored bytes of the event at `position`, which are valid until the next call. The events of a workspace
  // often follow one another in the log, where the next entry is found faster than by a search.
  std::string_view stored_at(Sequence position) {
    const std::string key = event_key(position);
    if (cursor_.valid() && cursor_.key() != key) cursor_.next();
    if (!cursor_.valid() || cursor_.key() != key) cursor_.seek_back(key);
    if (!cursor_.valid() || cursor_.key() != key) throw_missing_event(position);
    return cursor_.value();
  }

 private:
  Cursor cursor_;
};

}  // namespace

WorkspaceSequence WorkspaceIndex::number_of(const Workspace& workspace, Sequence position) const {
  WorkspaceSequence number;
  const bool found =
      find_value(store_, Family::kWorkspaceEvents, workspace_event_key(workspace_digest(workspace), position),
                 [&](std::string_view value) { number = number_at(position, value); });
  if (!found) throw_damaged(fmt::format("expected event {} in the index of its workspace, found none", position.value));
  return number;
}

WorkspaceSequence WorkspaceIndex::count_at(const Workspace& workspace, Sequence to) const {
  return count_in_workspace(store_, workspace_digest(workspace), to);
}

Sequence WorkspaceIndex::find(const Workspace& workspace, WorkspaceSequence number, Sequence to) const {
  if (number.value == 0) return {};
  WorkspaceCursor cursor(store_, workspace_digest(workspace));
  NumberedPosition above = cursor.last_at(to).value_or(NumberedPosition{});  // Its number is `number` or greater.
  if (above.number < number) return {};
  NumberedPosition below;  // How many events the workspace has up to a position: fewer than `number`.
  for (bool guesses = true; above.number != number; guesses = !guesses) {
    const Sequence from{below.position.value + (number.value - below.number.value)};
    const Sequence until{above.position.value - (above.number.value - number.value)};
    if (from > until)
      throw_damaged(fmt::format("expected event {} of a workspace in its index, found none", number.value));
    const Sequence probe = guesses ? std::clamp(guess(number, below, above), from, until) : halfway(from, until);
    const NumberedPosition entry = cursor.last_at(probe).value_or(NumberedPosition{});
    if (entry.number < number) {
      below = {probe, entry.number};
    } else {
      above = entry;
    }
  }
  return above.position;
}

void WorkspaceIndex::scan(const Workspace& workspace, WorkspaceSequence after, Sequence to,
                          const Visitor& visit) const {
  const Sequence start = find(workspace, after, to);
  if (start.value == 0 && after.value != 0) return;
  const ContentDigest digest = workspace_digest(workspace);
  Cursor entries(store_, Family::kWorkspaceEvents, workspace_event_key(digest, start.next()),
                 workspace_event_key(digest, kEndOfLog), Cursor::Reuse::kLikely);
  std::optional<EventCursor> events;
  for (WorkspaceSequence expected = after.next(); entries.valid(); entries.next(), expected = expected.next()) {
    const auto [position, number] = entry_at(entries);
    if (position > to) return;
    if (!events) events.emplace(store_, position);
    const std::string_view stored = events->stored_at(position);
    const Envelope envelope = decode_event(store_, position, stored);
    if (number != expected || envelope.scope.workspace != workspace) {
      throw_damaged(fmt::format("expected event {} to be number {} of its workspace, found number {} of one",
                                position.value, expected.value, number.value));
    }
    if (!visit(number, envelope, stored)) return;
  }
}

void WorkspaceNumbering::start() {
  if (is_ahead_) counted_.clear();
  is_ahead_ = true;
}

WorkspaceNumbering::Entry WorkspaceNumbering::number_next(const Envelope& envelope) {
  const Workspace& workspace = envelope.scope.workspace;
  Counted& counted = counted_.get(workspace.str(), [&] {
    const ContentDigest digest = workspace_digest(workspace);
    return Counted{digest, count_in_workspace(store_, digest, kEndOfLog)};
  });
  counted.last = counted.last.next();
  return {workspace_event_key(counted.workspace, envelope.sequence), workspace_number(counted.last)};
}

void WorkspaceNumbering::finish() {
  is_ahead_ = false;
  counted_.turn();
}

}  // namespace runledger
