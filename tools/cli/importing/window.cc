// A ring of lines; answers are matched to lines by counting, since they come in the order of submission.
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
    // Counted under the lock, which the destructor takes too: once the last answer is counted, the window may go.
    const MutexLock lock(mutex_);
    // Waking costs a system call, so it is done once per wait and not once per line.
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
