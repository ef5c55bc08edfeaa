// Hashes the events that came after a tree, and compares what they make of it with the tree of the whole log.
#include "ledger/log/history.h"

#include <bit>
#include <vector>

#include "ledger/base/assert.h"
#include "ledger/log/entries.h"
#include "ledger/log/store/cursor.h"
#include "ledger/values/digest.h"

namespace runledger {

std::string format_roots(const MerkleFrontier& tree) {
  std::string roots;
  for (const Digest<32>& root : tree.roots()) roots += format_hex(bytes_of(root));
  return roots;
}

std::optional<MerkleFrontier> parse_tree(std::uint64_t size, std::string_view roots) {
  constexpr std::size_t kRootDigits = 2 * sizeof(Digest<32>);
  const auto count = static_cast<std::size_t>(std::popcount(size));
  if (roots.size() != count * kRootDigits) return std::nullopt;
  std::vector<Digest<32>> digests;
  for (; !roots.empty(); roots.remove_prefix(kRootDigits)) {
    const std::optional<Digest<32>> root = parse_digest<32>(roots.substr(0, kRootDigits));
    if (!root) return std::nullopt;
    digests.push_back(*root);
  }
  return MerkleFrontier(size, std::move(digests));
}

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
