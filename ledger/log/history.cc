// Hashes the events that came after a tree, and compares what they make of it with the tree of the whole log.
#include "ledger/log/history.h"

#include "ledger/base/assert.h"
#include "ledger/log/entries.h"
#include "ledger/log/store/cursor.h"

namespace runledger {

MerkleFrontier extend_tree(const Store& store, MerkleFrontier tree, Sequence to) {
  Sequence expected = Sequence{tree.size()}.next();
  Cursor cursor(store, Family::kEvents, event_key(expected), event_key(to.next()), Cursor::Reuse::kUnlikely);
  for (; cursor.valid(); cursor.next(), expected = expected.next()) {
    if (number_at_end(cursor.key()) != expected.value) throw_missing_event(expected);
    tree.append(cursor.value());
  }
  if (expected <= to) throw_missing_event(expected);
  return tree;
}

bool continues(const Store& store, const MerkleFrontier& tree, const Head& head) {
  RUNLEDGER_ASSERT(tree.size() <= head.sequence.value);
  if (tree.size() == 0) return true;
  return extend_tree(store, tree, head.sequence) == head.tree;
}

}  // namespace runledger
