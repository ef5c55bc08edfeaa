// A ring of lines. Answers are matched to lines by counting, because they come in the order of submission.
//
// add() puts a line into the next free slot of the ring and submits its command. The sequencer's thread later writes
// the answer into that slot and increments answered_. Each slot remembers in answered_with how many submissions there
// were up to its own, so its answer is there as soon as answered_ has reached that number. A line that was not
// submitted has the number of the submission before it: it is ready as soon as all earlier lines are.
//
// When the ring is full, add() settles the older half, and drain() settles all. settle_first() waits for the last of
// the lines that it is about to settle, not for each: the sequencer commits hundreds of lines with one sync, and a
// wake-up for each would cost a system call. Half of the ring stays under way meanwhile, so the sequencer does not run
// dry.
//
// What makes this right: a slot is not used again before its line is settled, and a line is settled only after its
// answer was counted; so the two threads never touch a slot at the same time. answered_ is atomic, and reading it makes
// the answer visible that was written before the increment. Slots never move, since the ring does not grow.
#include "tools/cli/importing/window.h"

#include <utility>

#include "ledger/base/assert.h"

namespace runledger {

ImportWindow::ImportWindow(Sequencer& sequencer, std::size_t lines_max, Settle settle)
    : sequencer_(sequencer), settle_(std::move(settle)), slots_(lines_max) {
  RUNLEDGER_ASSERT(lines_max >= 2);
}

ImportWindow::~ImportWindow() {
  wait_for(submitted_);
}

void ImportWindow::add(PendingLine line, Result<Submission> submission) {
  while (count_ == slots_.size() || (count_ > 0 && bytes_ + line.raw.size() > kBytesMax)) settle_half();
  Slot& slot = slots_[(first_ + count_) % slots_.size()];
  bytes_ += line.raw.size();
  slot.line = std::move(line);
  ++count_;
  if (!submission) {
    slot.answer = submission.rejection();
    slot.answered_with = submitted_;
    return;
  }
  slot.answered_with = ++submitted_;
  sequencer_.submit(*std::move(submission), [this, &slot](Answer answer) {
    slot.answer = std::move(answer);
    // Counted under the lock, which the destructor takes too: after the last answer is counted, the window may be
    // destroyed, so this thread must not touch it any more.
    const MutexLock lock(mutex_);
    // A wake-up costs a system call, so there is one for each wait and not one for each line.
    if (++answered_ == wanted_) reached_.notify_one();
  });
}

void ImportWindow::drain() {
  settle_first(count_);
}

void ImportWindow::settle_half() {
  settle_first((count_ + 1) / 2);
}

void ImportWindow::settle_first(std::size_t count) {
  for (; count > 0; --count) {
    if (answered_.load() < slots_[first_].answered_with)
      wait_for(slots_[(first_ + count - 1) % slots_.size()].answered_with);
    // The line leaves the ring first, because settle_ may throw.
    Slot& slot = slots_[first_];
    first_ = (first_ + 1) % slots_.size();
    --count_;
    bytes_ -= slot.line.raw.size();
    settle_(slot.line, slot.answer);
  }
}

void ImportWindow::wait_for(std::uint64_t answered) {
  MutexLock lock(mutex_);
  wanted_ = answered;
  while (answered_.load() < answered) reached_.wait(lock);
}

}  // namespace runledger
