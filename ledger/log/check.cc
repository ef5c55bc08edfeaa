// Reads the end of the log, and what it is held against.
#include "ledger/log/check.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/base/damage.h"
#include "ledger/log/entries.h"
#include "ledger/log/state_codec.h"
#include "ledger/log/store/cursor.h"

namespace runledger {
namespace {

// Less than what any event takes in the engine's log, with its index entries.
constexpr std::uint64_t kWalBytesPerEventMin = 128;

Head stored_head(const Store& store) {
  Head head;
  find_value(store, Family::kMeta, kHeadKey, [&head](std::string_view stored) { head = decode_head(stored); });
  return head;
}

// Every number from the first of the newest `count` events up to the head, and none beyond. The engine's log may have
// lost records in its middle without a word; what it recovered is what has to be looked at.
void check_numbers(const Store& store, const Head& head, std::uint64_t count) {
  Sequence expected{head.sequence.value - std::min(head.sequence.value, count) + 1};
  Cursor cursor(store, Family::kEvents, event_key(expected), "", Cursor::Reuse::kUnlikely);
  for (; cursor.valid(); cursor.next()) {
    require_key_size(cursor.key(), kEventKeyBytes, "events");
    const Sequence found{number_at_end(cursor.key())};
    if (found > head.sequence) {
      throw_damaged(fmt::format("expected the log to end at event {}, as its head says, found event {} behind it",
                                head.sequence.value, found.value));
    }
    if (found != expected) throw_missing_event(expected);
    expected = expected.next();
  }
  if (expected <= head.sequence) throw_missing_event(expected);
}

void check_indexed(const Store& store, const Envelope& envelope) {
  const auto points_to_it = [&](Family family, const std::string& key) {
    bool right = false;
    find_value(store, family, key, [&](std::string_view value) { right = sequence_in(value) == envelope.sequence; });
    return right;
  };
  if (!points_to_it(Family::kRunEvents, run_event_key(envelope.run, envelope.run_version)) ||
      !points_to_it(Family::kScopeEvents, scope_event_key(scope_digest(envelope.scope), envelope.scope_sequence))) {
    throw_damaged(fmt::format("expected event {} in the indexes of its run and scope, found it missing there",
                              envelope.sequence.value));
  }
}

// The smallest subtrees of the tree stand for the newest events: made again from those, they must be the same.
void check_tree(const MerkleFrontier& tree, const std::vector<std::string>& newest) {
  std::size_t end = newest.size();
  std::size_t root = tree.roots().size();
  for (std::uint64_t size = tree.size(); size != 0; size &= size - 1) {
    const std::uint64_t leaves = size & (~size + 1);
    if (leaves > end) return;
    MerkleFrontier subtree;
    for (std::size_t i = end - leaves; i < end; ++i) subtree.append(newest[i]);
    end -= leaves;
    --root;
    if (subtree.root() != tree.roots()[root]) {
      throw_damaged(fmt::format("expected the last {} events to be those of the tree in the log's head, found others",
                                newest.size() - end));
    }
  }
}

// The newest events in full.
void check_newest(const Store& store, const Head& head) {
  Sequence expected{head.sequence.value - std::min(head.sequence.value, kEventsCheckedOnOpen) + 1};
  Time recorded_at;
  std::vector<std::string> newest;
  Cursor cursor(store, Family::kEvents, event_key(expected), "", Cursor::Reuse::kLikely);
  for (; cursor.valid(); cursor.next(), expected = expected.next()) {
    const Envelope envelope = decode_event(expected, cursor.value());
    check_indexed(store, envelope);
    if (envelope.recorded_at < recorded_at) {
      throw_damaged(fmt::format("expected event {} to be recorded no earlier than the one before it", expected.value));
    }
    recorded_at = envelope.recorded_at;
    newest.emplace_back(cursor.value());
  }
  if (!newest.empty() && recorded_at != head.recorded_at) {
    throw_damaged(fmt::format("expected event {} to be recorded when the log's head says, found another time",
                              head.sequence.value));
  }
  check_tree(head.tree, newest);
}

}  // namespace

Head check_log_end(const Store& store) {
  Head head = stored_head(store);
  check_numbers(store, head, kEventsCheckedOnOpen + store.recovered_bytes() / kWalBytesPerEventMin);
  check_newest(store, head);
  return head;
}

}  // namespace runledger
