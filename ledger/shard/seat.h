// A node's seat at a shard: whether it follows, bids or leads, and what became of its last commit.
//
// The seat has no thread, no clock and no log of its own: a ShardReplica (ledger/shard/replica.h) reads and appends for
// it. Tests can so take it through every order in which records and answers may arrive.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ledger/base/enum_words.h"
#include "ledger/shard/admission.h"
#include "ledger/shard/log.h"
#include "ledger/shard/record.h"

namespace runledger {

enum class SeatRole : std::uint8_t { kFollowing, kBidding, kLeading };
template <>
inline constexpr auto kEnumWords<SeatRole> = enum_words<SeatRole>({{SeatRole::kFollowing, "following"},
                                                                   {SeatRole::kBidding, "bidding"},
                                                                   {SeatRole::kLeading, "leading"}});

// What became of a commit.
enum class CommitFate : std::uint8_t {
  kOpen,   // It is not known yet.
  kIn,     // It was admitted, and every reader will admit it.
  kNotIn,  // It was not admitted, and no reader ever will, even if a copy of it is still to arrive.
};
template <>
inline constexpr auto kEnumWords<CommitFate> =
    enum_words<CommitFate>({{CommitFate::kOpen, "open"}, {CommitFate::kIn, "in"}, {CommitFate::kNotIn, "not-in"}});

struct SeatOptions {
  std::string node;     // Written into fences, for people.
  std::string address;  // Written into fences, for redirects.
  // Whether it bids for the leadership. It still writes fences to learn what became of a commit.
  bool may_lead = true;
  // A leader writes a sign of life when nothing was admitted for so long.
  std::chrono::milliseconds alive_every{500};
  // A follower bids when nothing was admitted for so long. At least twice `alive_every`, or leaders that are well are
  // suspected; a wrong suspicion costs a change of leader, and nothing else.
  std::chrono::milliseconds silence_max{1500};
  // How much later each further node bids, so that the first one alone does. 0 is the first rank.
  std::chrono::milliseconds rank_delay{300};
  unsigned rank = 0;
  // Makes a number that no other bid has.
  std::function<Nonce()> make_nonce = [] { return Nonce{random_uuid()}; };
};

// A value, for one thread. At most one append of the seat's records is under way at any time: after next() or begin(),
// the caller appends what they return, and then calls answered().
class ShardSeat {
 public:
  using Steady = std::chrono::steady_clock;

  // `admission` is the fold of the log up to `position`, as the node has stored it; `now` is the time.
  ShardSeat(SeatOptions options, Admission admission, LogPosition position, Steady::time_point now);

  // Takes in the next entry of the log; `record` is absent when it holds no record of ours. An entry at or before
  // position() is passed over. After kForeign and kDiverged the seat must not be used any more.
  [[nodiscard]] RecordVerdict take(LogPosition position, const std::optional<ShardRecord>& record,
                                   Steady::time_point now);

  // The log could not be read. The silence that a follower waits for begins again.
  void lose_sight(Steady::time_point now);

  // Whether next() would return a fence.
  [[nodiscard]] bool is_due_to_bid(Steady::time_point now) const;
  // Returns the record to append, if there is something to say at `now`, which must be a time at which the log was read
  // up to its end: a fence, a sign of life, or a resignation.
  [[nodiscard]] std::optional<ShardRecord> next(Steady::time_point now);

  // Whether begin() may be called: it leads, and neither an append is under way nor a commit open.
  [[nodiscard]] bool can_commit() const;
  // Returns the record to append for a commit. Requires can_commit().
  [[nodiscard]] ShardCommit begin(std::vector<std::string> events, std::vector<ShardAnswer> answers);

  // The append under way was answered. When it was answered with the position after position(), nothing can lie between
  // the two, and the caller may take() the record as an entry there without reading it.
  void answered(const ShardLog::Appended& position, Steady::time_point now);

  // From now on it does not bid, and commits nothing new; next() returns the resignation once it can.
  void step_down();

  [[nodiscard]] SeatRole role() const;
  // Whether begin() has returned this commit, as the last one.
  [[nodiscard]] bool is_own(const ShardCommit& commit) const {
    return commit.owner == committed_as_ && commit.number == committed_number_;
  }
  // What became of the last commit; kIn before the first.
  [[nodiscard]] CommitFate fate() const { return fate_; }
  [[nodiscard]] bool is_append_under_way() const { return under_way_; }
  [[nodiscard]] const Admission& admission() const { return admission_; }
  // The last entry that was taken in.
  [[nodiscard]] LogPosition position() const { return position_; }
  // The last entry that it knows of. A log that ends before it has lost entries.
  [[nodiscard]] LogPosition known_end() const { return std::max(position_, answered_at_); }
  // The last admitted fence that it has read, which names the leader; absent if it has read none since it began.
  [[nodiscard]] const std::optional<ShardFence>& fence() const { return fence_; }
  // How many entries it has passed over.
  [[nodiscard]] std::uint64_t passed_over() const { return passed_over_; }

 private:
  void settle(const ShardRecord& record);
  [[nodiscard]] bool may_append(Steady::time_point now) const;
  [[nodiscard]] std::chrono::milliseconds patience() const;
  [[nodiscard]] bool must_decide() const;
  [[nodiscard]] ShardRecord make_fence();

  SeatOptions options_;
  Admission admission_;
  LogPosition position_;
  Steady::time_point heard_at_;     // When a record was last admitted, or the log last lost from sight.
  Steady::time_point quiet_until_;  // After an unanswered append, nothing is appended before.
  std::optional<ShardFence> fence_;
  std::uint64_t passed_over_ = 0;

  std::optional<ShardOwner> mine_;  // The last bid of this seat.
  bool leaving_ = false;
  bool under_way_ = false;
  LogPosition answered_at_;  // Of the last answer. Nothing is appended before the log was read up to there.
  // The last commit.
  ShardOwner committed_as_;
  std::uint64_t committed_number_ = 0;
  CommitFate fate_ = CommitFate::kIn;
  bool commit_unanswered_ = false;  // Only a fence can tell what became of it.
};

}  // namespace runledger
