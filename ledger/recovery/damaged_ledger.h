// What is left of a damaged ledger: its last good event, what is damaged, and what is known of it elsewhere.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ledger/base/progress.h"
#include "ledger/log/salvage.h"
#include "ledger/log/tree_proof.h"

namespace runledger {

// A tree over the first events of the ledger that was remembered somewhere.
struct KnownTree {
  std::string place;  // For people: "mark", the name of a file, "Postgres".
  TreeHead tree;
  MerkleFrontier frontier = {};  // Empty when only the root is known.
  bool is_outside = false;       // Of the ledger's directory.
};

// How the events that can be read compare with it.
enum class TreeRelation : std::uint8_t {
  kAgrees,        // They begin with its events.
  kAbove,         // It has more events than are good.
  kOtherHistory,  // They begin with other events, though later trees say that these are the ledger's.
};
template <>
inline constexpr auto kEnumWords<TreeRelation> = enum_words<TreeRelation>({
    {TreeRelation::kAgrees, "agrees"},
    {TreeRelation::kAbove, "above"},
    {TreeRelation::kOtherHistory, "other-history"},
});

struct ComparedTree {
  KnownTree known;
  TreeRelation relation = TreeRelation::kAbove;
};

// A file of the ledger's directory, besides its databases.
struct FoundFile {
  std::string name;
  bool is_there = false;
  std::string trouble = {};  // The code of what is wrong with it; empty when nothing is.
};

struct DamagedLedger {
  std::filesystem::path directory;
  std::optional<LedgerId> ledger_id;  // Absent when no file says it.
  std::optional<std::uint32_t> format;
  // What keeps the log from being read, or is not as it was written. Empty: the log is whole.
  std::vector<LedgerDamage> damage;
  // What is wrong besides, such as missing keys: no new ledger brings them back.
  std::vector<LedgerDamage> besides;
  // The events up to it can all be read, are in their stored form, and agree with every tree that is known of them.
  Sequence last_good;
  Digest<32> root;  // Of the tree over these events.
  Sequence agreed;  // The last event up to which a known tree agrees. Later ones rest on the engine's checksums.
  Sequence named;   // The newest event that anything names.
  std::uint64_t given_up = 0;       // How many events after `last_good` can be read.
  std::vector<ComparedTree> trees;  // In no order; those in the store itself are one, the newest.
  std::vector<FoundFile> files;
  std::vector<std::string> derived;  // The databases that are derived from the log and are there.

  [[nodiscard]] bool is_whole() const { return damage.empty(); }
};

// Looks at the ledger in `directory`, whose store is `salvage`. `outside` are the trees that are kept elsewhere, and
// `reached` an event that it is known to have had. Changes nothing. `progress` counts events. Throws Failure
// "ledger.format_newer" at an event that only a newer version can have written.
[[nodiscard]] DamagedLedger examine_ledger(const std::filesystem::path& directory, const Salvage& salvage,
                                           const std::vector<KnownTree>& outside, Sequence reached,
                                           const Progress& progress);

}  // namespace runledger
