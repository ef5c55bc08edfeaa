// Role and fate are functions of the fold, and of what this seat has written last.
//
// - It leads while the last admitted fence is its own, and bids while its own could still be admitted.
// - Its commit is in once a copy of it was admitted. It can never be in once another fence was admitted before any
// copy:
//   whatever arrives later is of a deposed leader.
//
// An append that was not answered leaves a commit open. A fence of its own then decides: in whatever order the fence
// and the copies of the commit are stored, after reading the fence one of the two conditions holds. That is so even if
// the fence is not admitted, because only a fence of at least its epoch, and therefore of another leadership, can be
// the reason.
#include "ledger/shard/seat.h"

#include <algorithm>
#include <utility>

#include "ledger/base/assert.h"

namespace runledger {

ShardSeat::ShardSeat(SeatOptions options, Admission admission, LogPosition position, Steady::time_point now)
    : options_(std::move(options)),
      admission_(std::move(admission)),
      position_(position),
      heard_at_(now),
      quiet_until_(now) {}

RecordVerdict ShardSeat::take(LogPosition position, const std::optional<ShardRecord>& record, Steady::time_point now) {
  if (position <= position_) return RecordVerdict::kPassedOver;
  position_ = position;
  const RecordVerdict verdict = record ? admission_.take(*record) : RecordVerdict::kPassedOver;
  if (verdict == RecordVerdict::kPassedOver) ++passed_over_;
  if (verdict != RecordVerdict::kAdmitted) return verdict;
  heard_at_ = now;
  settle(*record);
  return verdict;
}

// Looks at what an admitted record means for the last commit.
void ShardSeat::settle(const ShardRecord& record) {
  if (const auto* fence = std::get_if<ShardFence>(&record)) fence_ = *fence;
  if (fate_ != CommitFate::kOpen) return;
  const auto* commit = std::get_if<ShardCommit>(&record);
  if (commit != nullptr && is_own(*commit)) {
    fate_ = CommitFate::kIn;
  } else if (admission_.owner != committed_as_) {
    fate_ = CommitFate::kNotIn;
  }
}

void ShardSeat::lose_sight(Steady::time_point now) {
  heard_at_ = now;
}

SeatRole ShardSeat::role() const {
  if (!mine_) return SeatRole::kFollowing;
  if (admission_.owner == *mine_) return admission_.resigned ? SeatRole::kFollowing : SeatRole::kLeading;
  return admission_.owner.epoch < mine_->epoch ? SeatRole::kBidding : SeatRole::kFollowing;
}

bool ShardSeat::must_decide() const {
  return fate_ == CommitFate::kOpen && commit_unanswered_;
}

std::chrono::milliseconds ShardSeat::patience() const {
  const bool is_vacant = admission_.owner.epoch == Epoch{} || admission_.resigned;
  return options_.rank * options_.rank_delay + (is_vacant ? std::chrono::milliseconds(0) : options_.silence_max);
}

bool ShardSeat::may_append(Steady::time_point now) const {
  return !under_way_ && now >= quiet_until_ && position_ >= answered_at_;
}

bool ShardSeat::is_due_to_bid(Steady::time_point now) const {
  if (!may_append(now)) return false;
  if (must_decide()) return true;
  if (role() == SeatRole::kLeading || leaving_ || !options_.may_lead) return false;
  return now - heard_at_ >= patience();
}

ShardRecord ShardSeat::make_fence() {
  // Greater than that of an earlier bid too: if that fence is yet to arrive, this one still takes effect after it.
  const Epoch above = mine_ ? std::max(admission_.owner.epoch, mine_->epoch) : admission_.owner.epoch;
  mine_ = ShardOwner{above.next(), options_.make_nonce()};
  return ShardFence{*mine_, admission_.shard, options_.node, options_.address};
}

std::optional<ShardRecord> ShardSeat::next(Steady::time_point now) {
  std::optional<ShardRecord> record;
  if (is_due_to_bid(now)) {
    record = make_fence();
  } else if (!may_append(now) || role() != SeatRole::kLeading || fate_ == CommitFate::kOpen) {
    return {};
  } else if (leaving_) {
    record = ShardResigned{*mine_};
  } else if (now - heard_at_ >= options_.alive_every) {
    record = ShardAlive{*mine_};
  }
  under_way_ = record.has_value();
  return record;
}

bool ShardSeat::can_commit() const {
  return role() == SeatRole::kLeading && !leaving_ && !under_way_ && fate_ != CommitFate::kOpen;
}

ShardCommit ShardSeat::begin(std::vector<std::string> events, std::vector<ShardAnswer> answers) {
  RUNLEDGER_ASSERT(can_commit());
  under_way_ = true;
  fate_ = CommitFate::kOpen;
  commit_unanswered_ = false;
  committed_as_ = *mine_;
  committed_number_ = admission_.commits + 1;
  return {.owner = committed_as_,
          .number = committed_number_,
          .first = admission_.head().next(),
          .root_before = admission_.tree.root(),
          .events = std::move(events),
          .answers = std::move(answers)};
}

void ShardSeat::answered(const ShardLog::Appended& position, Steady::time_point now) {
  RUNLEDGER_ASSERT(under_way_);
  under_way_ = false;
  if (position) {
    answered_at_ = *position;
    return;
  }
  quiet_until_ = now + options_.alive_every;
  if (fate_ == CommitFate::kOpen) commit_unanswered_ = true;
}

void ShardSeat::step_down() {
  leaving_ = true;
}

}  // namespace runledger
