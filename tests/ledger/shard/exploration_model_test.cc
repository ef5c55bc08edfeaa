// Every order in which the records and answers of two nodes can arrive, within bounds: what a leader tells its callers
// agrees with the log in all of them, and without any one part of the protocol it does not.
//
// A state has the log, the records under way, and both seats. From each state, the search goes to every state that one
// step leads to: a node bids, commits or reads an entry; the engine stores a copy of a record that was sent, at any
// time and up to twice, or answers with the position of a copy, or not at all. A judge folds the log besides.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "ledger/shard/seat.h"
#include "tests/fixtures/models/weakened_admission.h"

namespace runledger {
namespace {

using namespace std::chrono_literals;

constexpr int kNodes = 2;
constexpr int kRecordsPerNode = 6;
constexpr ShardSeat::Steady::time_point kStart{};
constexpr ShardSeat::Steady::time_point kLate = kStart + 1h;  // Every silence has lasted long enough.

struct Bounds {
  int fences = 2;
  int commits = 2;
  int copies_of_fences = 1;  // A second one has no effect in any state, because its epoch is no longer greater.
  int copies_of_commits = 2;
};

// LEDGER_TESTS_FENCES sets how many fences the whole search may use: scripts/simulate-shards uses 3.
Bounds bounds_of_search() {
  Bounds bounds;
  if (const char* fences = std::getenv("LEDGER_TESTS_FENCES")) bounds.fences = std::stoi(fences);
  return bounds;
}

enum class Told : std::uint8_t { kNothing, kIn, kNotIn };

struct Sent {
  std::shared_ptr<const ShardRecord> record;  // Null: not sent yet.
  int copies = 0;
  Told told = Told::kNothing;
};

struct Node {
  ShardSeat seat;
  int sent = 0;
  int awaited = -1;               // The record whose answer is awaited.
  int commit = -1;                // The last commit.
  bool unanswered = false;        // Its answer was "unknown".
  std::uint64_t answered_at = 0;  // The position of the last answer.
};

struct State {
  std::vector<Node> nodes;
  std::array<Sent, static_cast<std::size_t>(kNodes) * kRecordsPerNode> sent;
  std::vector<std::uint8_t> log;  // Indexes of `sent`. The first has position 1.
  Admission judge;
  std::uint32_t admitted = 0;  // A bit for each record that the judge has admitted.
  int fences = 0;
  int commits = 0;
};

// How often the search saw what the protocol is there for.
struct Seen {
  std::uint64_t states = 0;
  std::uint64_t known_by_position = 0;
  std::uint64_t known_by_reading = 0;
  std::uint64_t not_in = 0;
  std::uint64_t copies_refused = 0;
  std::uint64_t decided_by_fence = 0;
};

class Exploration {
 public:
  Exploration(Bounds bounds, Weakness weakness) : bounds_(bounds), weakness_(weakness) {}

  // Returns what is wrong in the first state in which something is.
  std::optional<std::string> run() {
    State start;
    for (int i = 0; i < kNodes; ++i) {
      SeatOptions options;
      options.make_nonce = [this] { return nonce_; };
      start.nodes.push_back({ShardSeat(options, {}, {}, kStart)});
    }
    to_do_.push_back(std::move(start));
    while (!to_do_.empty() && !wrong_) {
      const State state = std::move(to_do_.back());
      to_do_.pop_back();
      ++seen_.states;
      expand(state);
    }
    return wrong_;
  }
  [[nodiscard]] const Seen& seen() const { return seen_; }

 private:
  void expand(const State& state) {
    for (int n = 0; n < kNodes; ++n) {
      bid(state, n);
      commit(state, n);
      read(state, n);
      answer(state, n);
    }
    for (std::size_t i = 0; i < state.sent.size(); ++i) store(state, i);
  }

  // Keeps the state if it is new.
  void go_to(State state) {
    const std::string key = key_of(state);
    const std::size_t once = std::hash<std::string>{}(key);
    const std::size_t again = std::hash<std::string>{}(key + '#');
    if (visited_.insert({once, again}).second) to_do_.push_back(std::move(state));
  }

  // Everything that the next steps depend on. What a seat has folded follows from the log and its position.
  static std::string key_of(const State& state) {
    std::string key(state.log.begin(), state.log.end());
    const auto put = [&key](std::uint64_t number) { key += static_cast<char>(number); };
    put(255);
    for (const Sent& sent : state.sent) {
      put(static_cast<std::uint64_t>(sent.copies) + 8 * static_cast<std::uint64_t>(sent.told) + (sent.record ? 64 : 0));
      if (!sent.record) continue;
      put(owner_of(*sent.record).epoch.value);
      const auto* commit = std::get_if<ShardCommit>(sent.record.get());
      if (commit == nullptr) continue;
      put(commit->number + 16 * commit->first.value);
      key += bytes_of(commit->root_before).substr(0, 4);
    }
    for (const Node& node : state.nodes) {
      put(node.seat.position().value);
      put(static_cast<std::uint64_t>(node.awaited + 1));
      put(static_cast<std::uint64_t>(node.commit + 1) + (node.unanswered ? 64 : 0));
      put(node.answered_at);
    }
    return key;
  }

  static std::size_t send(State& state, int n, ShardRecord record) {
    Node& node = state.nodes[static_cast<std::size_t>(n)];
    const int index = n * kRecordsPerNode + node.sent++;
    node.awaited = index;
    state.sent[static_cast<std::size_t>(index)].record = std::make_shared<const ShardRecord>(std::move(record));
    return static_cast<std::size_t>(index);
  }

  void bid(const State& from, int n) {
    const Node& before = from.nodes[static_cast<std::size_t>(n)];
    if (from.fences == bounds_.fences || !before.seat.is_due_to_bid(kLate)) return;
    State state = from;
    ++state.fences;
    nonce_.value.bytes[0] = static_cast<unsigned char>(n + 1);
    nonce_.value.bytes[1] = static_cast<unsigned char>(before.sent);
    send(state, n, *state.nodes[static_cast<std::size_t>(n)].seat.next(kLate));
    go_to(std::move(state));
  }

  void commit(const State& from, int n) {
    if (from.commits == bounds_.commits || !from.nodes[static_cast<std::size_t>(n)].seat.can_commit()) return;
    State state = from;
    ++state.commits;
    Node& node = state.nodes[static_cast<std::size_t>(n)];
    node.unanswered = false;
    node.commit = n * kRecordsPerNode + node.sent;
    send(state, n, node.seat.begin({"event of record " + std::to_string(node.commit)}, {}));
    go_to(std::move(state));
  }

  void store(const State& from, std::size_t index) {
    if (!from.sent[index].record) return;
    const bool is_fence = std::holds_alternative<ShardFence>(*from.sent[index].record);
    if (from.sent[index].copies == (is_fence ? bounds_.copies_of_fences : bounds_.copies_of_commits)) return;
    State state = from;
    ++state.sent[index].copies;
    state.log.push_back(static_cast<std::uint8_t>(index));
    const ShardRecord& record = *state.sent[index].record;
    const RecordVerdict verdict = state.judge.take(weakened(record, state.judge, weakness_));
    check(verdict);
    if (std::holds_alternative<ShardCommit>(record) && verdict == RecordVerdict::kAdmitted) {
      if ((state.admitted & bit(index)) != 0) wrong_ = "a commit counts twice";
      if (state.sent[index].told == Told::kNotIn) wrong_ = "a commit counts that was said not to be done";
      state.admitted |= bit(index);
    }
    if (verdict == RecordVerdict::kPassedOver && state.sent[index].copies == 2) ++seen_.copies_refused;
    go_to(std::move(state));
  }

  void read(const State& from, int n) {
    const std::uint64_t position = from.nodes[static_cast<std::size_t>(n)].seat.position().value;
    if (position == from.log.size()) return;
    State state = from;
    take(state, state.nodes[static_cast<std::size_t>(n)], position + 1, from.log[position]);
    go_to(std::move(state));
  }

  void answer(const State& from, int n) {
    const int awaited = from.nodes[static_cast<std::size_t>(n)].awaited;
    if (awaited < 0) return;
    answer_with(from, n, 0);
    for (std::size_t i = 0; i < from.log.size(); ++i) {
      if (from.log[i] == awaited) answer_with(from, n, i + 1);
    }
  }

  // Zero: unknown.
  void answer_with(const State& from, int n, std::uint64_t position) {
    State state = from;
    Node& node = state.nodes[static_cast<std::size_t>(n)];
    const int index = std::exchange(node.awaited, -1);
    const bool is_commit = index == node.commit;
    if (position == 0) {
      node.seat.answered({}, kStart);
      if (is_commit) node.unanswered = true;
      if (is_commit && weakness_ == Weakness::kNoFenceAfterUnknown) tell(state, index, Told::kNotIn);
    } else {
      node.seat.answered(LogPosition{position}, kStart);
      node.answered_at = position;
      if (is_commit && weakness_ == Weakness::kGapUnread) tell(state, index, Told::kIn);
      if (position == node.seat.position().value + 1) {
        if (is_commit) ++seen_.known_by_position;
        take(state, node, position, static_cast<std::uint8_t>(index));
      }
    }
    go_to(std::move(state));
  }

  void take(State& state, Node& node, std::uint64_t position, std::uint8_t index) {
    const ShardRecord record = weakened(*state.sent[index].record, node.seat.admission(), weakness_);
    const bool was_open = node.seat.fate() == CommitFate::kOpen;
    const RecordVerdict verdict = node.seat.take(LogPosition{position}, record, kStart);
    check(verdict);
    if (node.commit < 0) return;
    if (weakness_ == Weakness::kBlindToCopies && !node.unanswered && position <= node.answered_at) {
      const bool is_answered_copy = position == node.answered_at && index == node.commit;
      if (is_answered_copy) tell(state, node.commit, verdict == RecordVerdict::kAdmitted ? Told::kIn : Told::kNotIn);
      return;
    }
    if (!was_open || node.seat.fate() == CommitFate::kOpen) return;
    if (std::holds_alternative<ShardFence>(record)) ++seen_.decided_by_fence;
    if (node.seat.fate() == CommitFate::kIn) ++seen_.known_by_reading;
    if (node.seat.fate() == CommitFate::kNotIn) ++seen_.not_in;
    tell(state, node.commit, node.seat.fate() == CommitFate::kIn ? Told::kIn : Told::kNotIn);
  }

  void tell(State& state, int index, Told told) {
    Sent& sent = state.sent[static_cast<std::size_t>(index)];
    if (sent.told != Told::kNothing) return;
    sent.told = told;
    const bool counts = (state.admitted & bit(static_cast<std::size_t>(index))) != 0;
    if (told == Told::kIn && !counts) wrong_ = "a commit was acknowledged that does not count";
    if (told == Told::kNotIn && counts) wrong_ = "a commit was said not to be done that counts";
  }

  void check(RecordVerdict verdict) {
    if (verdict == RecordVerdict::kForeign || verdict == RecordVerdict::kDiverged) {
      wrong_ = "a record is " + std::string(to_string(verdict));
    }
  }

  static std::uint32_t bit(std::size_t index) { return std::uint32_t{1} << index; }

  using Fingerprint = std::array<std::size_t, 2>;
  struct FirstHalf {
    std::size_t operator()(const Fingerprint& print) const { return print.front(); }
  };

  const Bounds bounds_;
  const Weakness weakness_;
  Nonce nonce_;
  std::vector<State> to_do_;
  std::unordered_set<Fingerprint, FirstHalf> visited_;
  std::optional<std::string> wrong_;
  Seen seen_;
};

std::optional<std::string> found_without(Weakness weakness) {
  return Exploration({}, weakness).run();
}

TEST(ShardProtocol, TellsEveryCallerTheTruthInEveryOrderOfRecordsAndAnswers) {
  Exploration exploration(bounds_of_search(), Weakness::kNone);
  EXPECT_EQ(exploration.run(), std::nullopt);
  const Seen& seen = exploration.seen();
  fmt::print("{} states: a commit was known by its position {} times, by reading {} times, not in {} times\n",
             seen.states, seen.known_by_position, seen.known_by_reading, seen.not_in);
  EXPECT_GT(seen.states, 10'000U);
  EXPECT_GT(seen.known_by_position, 0U);
  EXPECT_GT(seen.known_by_reading, 0U);
  EXPECT_GT(seen.not_in, 0U);
  EXPECT_GT(seen.copies_refused, 0U);
  EXPECT_GT(seen.decided_by_fence, 0U);
}

TEST(ShardProtocol, NeedsTheNumbersOfCommits) {
  EXPECT_NE(found_without(Weakness::kCopiesCount), std::nullopt);
}

TEST(ShardProtocol, NeedsTheEpochOfCommits) {
  EXPECT_NE(found_without(Weakness::kEpochIgnored), std::nullopt);
}

TEST(ShardProtocol, NeedsToReadWhatLiesBeforeACommit) {
  EXPECT_NE(found_without(Weakness::kGapUnread), std::nullopt);
}

TEST(ShardProtocol, NeedsAFenceAfterAnUnknownOutcome) {
  EXPECT_NE(found_without(Weakness::kNoFenceAfterUnknown), std::nullopt);
}

TEST(ShardProtocol, NeedsToLookForEveryCopyOfACommit) {
  EXPECT_NE(found_without(Weakness::kBlindToCopies), std::nullopt);
}

}  // namespace
}  // namespace runledger
