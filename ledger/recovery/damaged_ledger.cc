// One pass over the events that can be read. They are good as long as they are without a gap, decode, and encode to
// their bytes again. At each size of a tree that is known, the root of the events so far is compared with it.
//
// A frontier is several trees: over its largest subtree, over its two largest, and so on. So it tells not only that
// some event differs, but also where no event does. The tiles, if there are any, tell it to the event, once the tree
// that they make has a root that is known.
//
// A tree that differs from the events means that an event before it was changed, unless a larger tree agrees: then the
// tree itself is of another history.
#include "ledger/recovery/damaged_ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "ledger/base/damage.h"
#include "ledger/base/failure.h"
#include "ledger/evidence/audit_key.h"
#include "ledger/log/codec.h"
#include "ledger/log/mark.h"
#include "ledger/log/salvaged_tiles.h"
#include "ledger/log/store/data_directory.h"
#include "ledger/log/store/ledger_files.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kEventsPerProgress = 4096;
constexpr std::string_view kHeadPlace = "the log's head";

// The root of a tree over the first events, and the tree of DamagedLedger::trees that says so.
struct Expected {
  std::uint64_t size = 0;
  Digest<32> root;
  std::size_t of = 0;
  bool is_whole = true;  // Otherwise it is a part of that tree.
};

class Examination {
 public:
  Examination(DamagedLedger& found, const Progress& progress)
      : found_(found), tiles_(found.directory), progress_(progress) {}

  void expect_all(const std::vector<Head>& heads) {
    for (std::size_t i = 0; i < found_.trees.size(); ++i) {
      const KnownTree& known = found_.trees[i].known;
      expected_.push_back({known.tree.size, known.tree.root, i, true});
      expect_parts(known.frontier, i);
      found_.named = std::max(found_.named, Sequence{known.tree.size});
    }
    // Of the heads in the store, the newest stands for all of them.
    for (const Head& head : heads)
      expected_.push_back({head.sequence.value, head.tree.root(), found_.trees.size() - 1, false});
    std::sort(expected_.begin(), expected_.end(), [](const auto& a, const auto& b) { return a.size < b.size; });
    std::erase_if(expected_, [](const Expected& each) { return each.size == 0; });
  }

  Scan take(Sequence position, std::string_view stored) {
    const Sequence next{tree_.size() + 1};
    found_.named = std::max(found_.named, position);
    if (!ended_ && position != next)
      end("event.missing", next, fmt::format("expected event {}, found none", next.value));
    if (ended_) {
      ++found_.given_up;
      return Scan::kContinue;
    }
    try_event(position, stored);
    if (ended_) return Scan::kContinue;
    append(stored);
    if (progress_ && position.value % kEventsPerProgress == 0) progress_(position.value, found_.named.value);
    return Scan::kContinue;
  }

  void finish() {
    if (!ended_ && found_.named.value > tree_.size()) miss_the_end();
    keep(tree_);
    find_other_histories();
    if (const Expected* differs = first_difference()) place_difference(*differs);
    for (ComparedTree& each : found_.trees) {
      const std::uint64_t size = each.known.tree.size;
      if (each.relation != TreeRelation::kOtherHistory)
        each.relation = size <= found_.last_good.value ? TreeRelation::kAgrees : TreeRelation::kAbove;
    }
  }

 private:
  void expect_parts(const MerkleFrontier& frontier, std::size_t of) {
    std::uint64_t size = 0;
    std::vector<Digest<32>> roots;
    for (const Digest<32>& root : frontier.roots()) {
      size += std::bit_floor(frontier.size() - size);  // The largest subtree comes first.
      roots.push_back(root);
      expected_.push_back({size, MerkleFrontier(size, roots).root(), of, false});
    }
  }

  void end(std::string code, Sequence at, std::string what) {
    ended_ = true;
    found_.damage.push_back({std::move(code), at, std::move(what)});
  }

  void try_event(Sequence position, std::string_view stored) {
    try {
      const Envelope envelope = decode(position, stored);
      if (encode(envelope) != stored)
        return end("event.not_canonical", position, "expected the bytes that its content encodes to, found others");
      if (envelope.recorded_at < recorded_at_)
        return end("event.time_went_back", position, "expected it to be recorded no earlier than the one before it");
      recorded_at_ = envelope.recorded_at;
    } catch (const Damaged& damaged) {
      end("event.undecodable", position, damaged.found());
    }
  }

  void append(std::string_view stored) {
    const Digest<32> leaf = merkle_leaf(stored);
    if (const std::optional<Digest<32>> tile = tiles_.next()) {
      if (!before_difference_ && *tile != leaf) before_difference_ = tree_;
      by_tiles_.append_hash(*tile);
    }
    tree_.append_hash(leaf);
    for (; next_ < expected_.size() && expected_[next_].size == tree_.size(); ++next_) {
      const Digest<32>& root = expected_[next_].root;
      if (tree_.root() == root) agreed_ = tree_;
      if (by_tiles_.size() == tree_.size() && by_tiles_.root() == root) tiles_agreed_ = tree_.size();
      if (tree_.root() != root) differing_.push_back(next_);
    }
  }

  void miss_the_end() {
    const Sequence next{tree_.size() + 1};
    const auto names = [&](const ComparedTree& each) { return each.known.tree.size == found_.named.value; };
    const auto by = std::find_if(found_.trees.begin(), found_.trees.end(), names);
    const bool is_outside = by != found_.trees.end() && by->known.is_outside;
    end(is_outside ? "checkpoint.ahead" : "event.missing", next,
        fmt::format("expected the {} events that {} names, found {}", found_.named.value,
                    by == found_.trees.end() ? "--reached" : by->known.place, tree_.size()));
  }

  void keep(const MerkleFrontier& tree) {
    found_.last_good = Sequence{tree.size()};
    found_.root = tree.root();
    found_.agreed = Sequence{agreed_.size()};
  }

  // Larger trees agree with the events, so those that differ are of other events.
  void find_other_histories() {
    for (const std::size_t i : differing_) {
      const Expected& each = expected_[i];
      if (each.size >= agreed_.size() || !each.is_whole) continue;
      found_.trees[each.of].relation = TreeRelation::kOtherHistory;
      const KnownTree& known = found_.trees[each.of].known;
      found_.damage.push_back(
          {known.is_outside ? "checkpoint.other_history" : "storage.damaged", Sequence{each.size},
           fmt::format("{}: expected the root of the first {} events, found that of others", known.place, each.size)});
    }
  }

  [[nodiscard]] const Expected* first_difference() const {
    for (const std::size_t i : differing_) {
      if (expected_[i].size > agreed_.size()) return &expected_[i];
    }
    return nullptr;
  }

  // An event up to `differs` is not the one that was written.
  void place_difference(const Expected& differs) {
    const bool is_exact = before_difference_ && tiles_agreed_ >= differs.size &&
                          before_difference_->size() >= agreed_.size() && before_difference_->size() < differs.size;
    const MerkleFrontier& good = is_exact ? *before_difference_ : agreed_;
    found_.given_up += tree_.size() - good.size();
    keep(good);
    const std::string which = is_exact
                                  ? fmt::format("event {} is another", good.size() + 1)
                                  : fmt::format("one of the events {} to {} is another", good.size() + 1, differs.size);
    found_.damage.push_back({"tree.root_mismatch", Sequence{good.size() + 1},
                             fmt::format("expected the first {} events to have the root that {} names, found that {}",
                                         differs.size, found_.trees[differs.of].known.place, which)});
  }

  DamagedLedger& found_;
  SalvagedTiles tiles_;
  const Progress& progress_;
  std::vector<Expected> expected_;      // By size.
  std::size_t next_ = 0;                // The first of `expected_` that was not reached.
  std::vector<std::size_t> differing_;  // Of `expected_`.
  MerkleFrontier tree_;                 // Over the good events so far.
  MerkleFrontier agreed_;               // The same when a known tree agreed last.
  MerkleFrontier by_tiles_;
  std::uint64_t tiles_agreed_ = 0;
  std::optional<MerkleFrontier> before_difference_;  // Before the first event whose hash the tiles have otherwise.
  bool ended_ = false;
  Time recorded_at_;
};

void add_tree(DamagedLedger& found, std::string place, const MerkleFrontier& tree) {
  found.trees.push_back({{.place = std::move(place), .tree = {tree.size(), tree.root()}, .frontier = tree}});
}

// Adds what `part` throws to `into`. Returns its code; empty when it throws nothing.
template <class Part>
std::string noting(std::vector<LedgerDamage>& into, const Part& part) {
  try {
    part();
    return {};
  } catch (const Damaged& damaged) {
    into.push_back({damaged.code(), {}, damaged.found()});
    return damaged.code();
  } catch (const Failure& failure) {
    if (failure.code().starts_with("ledger.format_")) throw;
    into.push_back({failure.code(), {}, failure.what()});
    return failure.code();
  }
}

void require_identity_key(const DamagedLedger& found, const Salvage& salvage) {
  const IdentityKey key = read_identity_key(found.directory);
  if (salvage.identity_key_id() && key.id() != *salvage.identity_key_id())
    throw Failure(Remedy::kCallOperator, "ledger.key_missing",
                  "expected this ledger's identity key in identity.key, found the key of another ledger");
}

// The last checkpoint that the ledger signed, and the key that signed it.
void read_evidence(DamagedLedger& found) {
  const auto has = [&](const char* name) {
    std::error_code error;
    return fs::exists(found.directory / name, error);
  };
  if (!has_audit_key(found.directory) && (has("audit.checkpoint") || has("audit.rotations")))
    throw Failure(Remedy::kCorrectInput, "audit_key.missing",
                  "expected the key that signed audit.checkpoint in audit.key, found no such file");
  (void)audit_keys(found.directory);
  const std::optional<Checkpoint> last = last_checkpoint(found.directory);
  if (last) found.trees.push_back({{.place = "audit.checkpoint", .tree = last->tree}});
}

void look_at_files(DamagedLedger& found, const Salvage& salvage) {
  const std::string mark = noting(found.damage, [&] {
    const Mark read = read_mark(found.directory);
    if (read.head.sequence.value != 0) add_tree(found, "the mark", read.head.tree);
  });
  const std::string identity = noting(found.besides, [&] { require_identity_key(found, salvage); });
  const std::string audit = noting(found.besides, [&] { read_evidence(found); });
  const bool seals = found.format == kSealedFormatVersion;
  const std::string seal = noting(found.besides, [&] {
    if (seals && !SealKeyFile::exists(found.directory))
      throw Failure(Remedy::kCorrectInput, "seal.keys_missing",
                    "expected the file seal.keys of this ledger, found none");
  });
  for (const LedgerFile& file : kLedgerFiles) {
    const std::string_view name = file.name;
    std::error_code error;
    FoundFile each{.name = file.name, .is_there = fs::exists(found.directory / file.name, error)};
    if (name == kMarkFile) each.trouble = mark;
    if (name == kIdentityKeyFile) each.trouble = identity;
    if (name == "audit.key") each.trouble = audit;
    if (name == kSealKeysFile) each.trouble = seal;
    found.files.push_back(std::move(each));
  }
  for (const auto& derived : kEnumWords<Derived>) {
    std::error_code error;
    if (fs::exists(found.directory / derived.word, error)) found.derived.emplace_back(derived.word);
  }
}

}  // namespace

DamagedLedger examine_ledger(const fs::path& directory, const Salvage& salvage, const std::vector<KnownTree>& outside,
                             Sequence reached, const Progress& progress) {
  DamagedLedger found;
  found.directory = directory;
  found.ledger_id = salvage.ledger_id();
  found.format = salvage.format();
  found.damage = salvage.damage();
  found.named = reached;
  look_at_files(found, salvage);
  for (const KnownTree& known : outside) found.trees.push_back({known});
  const std::vector<Head>& heads = salvage.heads();
  const auto newest = std::max_element(heads.begin(), heads.end(),
                                       [](const Head& a, const Head& b) { return a.sequence < b.sequence; });
  add_tree(found, std::string(kHeadPlace), newest == heads.end() ? MerkleFrontier() : newest->tree);
  Examination examination(found, progress);
  examination.expect_all(heads);
  salvage.scan([&](Sequence position, std::string_view stored) { return examination.take(position, stored); });
  examination.finish();
  return found;
}

}  // namespace runledger
