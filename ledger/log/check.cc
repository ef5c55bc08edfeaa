// Checks the end of the log against its head, at a cost that does not grow with the log.
//
// The engine verifies the checksums of everything that it reads, but it may have lost records from the middle of its
// write-ahead log without reporting it. These checks rely on one invariant instead: an append writes its events, their
// index entries and the new head in one atomic batch. A batch that was lost therefore leaves a gap before a later head,
// and a head that was replaced by an older one is followed by events.
//
// 1. stored_head() reads the head. A new ledger has none, and its log must be empty.
// 2. check_numbers() walks the keys of the newest events up to the head. It starts early enough to cover everything
//    that the engine recovered from its write-ahead log: recovered_bytes() divided by the least that an event takes
//    there.
// 3. check_newest() decodes the newest kEventsCheckedOnOpen events, and compares each with its key, its three index
//    entries, the time of the event before it and the number of the one before it in its workspace.
// 4. check_tree() hashes the same events again. A tree of n leaves consists of one full subtree for each one-bit of n,
//    so its smallest subtrees cover exactly the newest events.
#include "ledger/log/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "ledger/base/damage.h"
#include "ledger/log/entries.h"
#include "ledger/log/state_codec.h"
#include "ledger/log/store/cursor.h"
#include "ledger/log/workspace_index.h"

namespace runledger {
namespace {

// Every event takes more than this in the engine's write-ahead log, including its index entries.
constexpr std::uint64_t kWalBytesPerEventMin = 96;

Head stored_head(const Store& store) {
  Head head;
  find_value(store, Family::kMeta, kHeadKey, [&head](std::string_view stored) { head = decode_head(stored); });
  return head;
}

// Requires that the newest `count` events are all there, and that no event follows the head. Only the keys are read,
// because the number of recovered events may be large.
void check_numbers(const Store& store, const Head& head, std::uint64_t count) {
  Sequence expected{head.sequence.value - std::min(head.sequence.value, count) + 1};
  Cursor cursor(store, Family::kEvents, event_key(expected), "", Cursor::Reuse::kUnlikely);
  for (; cursor.valid(); cursor.next()) {
    require_key_size(cursor.key(), kEventKeyBytes, "events");
    const Sequence found{number_at_end(cursor.key())};
    if (found > head.sequence) {
      throw_damaged(fmt::format("expected the log to end at event {}, as its head says, found event {} after it",
                                head.sequence.value, found.value));
    }
    if (found != expected) throw_missing_event(expected);
    expected = expected.next();
  }
  if (expected <= head.sequence) throw_missing_event(expected);
}

// The number of the last event that was looked at in each workspace.
using LastNumbers = std::map<Workspace, WorkspaceSequence>;

void check_numbered(const Store& store, const Envelope& envelope, LastNumbers& last) {
  const Workspace& workspace = envelope.scope.workspace;
  const WorkspaceSequence number = WorkspaceIndex(store).number_of(workspace, envelope.sequence);
  const auto [entry, is_first] = last.try_emplace(workspace, number);
  if (!is_first && number != entry->second.next()) {
    throw_damaged(fmt::format("expected event {} to be number {} of its workspace, found {}", envelope.sequence.value,
                              entry->second.next().value, number.value));
  }
  entry->second = number;
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

// Computes the smallest subtrees again, from the lowest one-bit of the size upwards, until the next subtree has more
// leaves than events were read.
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

// Decodes the newest events and checks each of them.
void check_newest(const Store& store, const Head& head) {
  Sequence expected{head.sequence.value - std::min(head.sequence.value, kEventsCheckedOnOpen) + 1};
  Time recorded_at;
  std::vector<std::string> newest;
  LastNumbers last_numbers;
  Cursor cursor(store, Family::kEvents, event_key(expected), "", Cursor::Reuse::kLikely);
  for (; cursor.valid(); cursor.next(), expected = expected.next()) {
    const Envelope envelope = decode_event(store, expected, cursor.value());
    check_indexed(store, envelope);
    check_numbered(store, envelope, last_numbers);
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
