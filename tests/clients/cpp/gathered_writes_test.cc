// Gathering changes how often the stream below is written, and nothing else.
#include "clients/cpp/gathered_writes.h"

#include <gtest/gtest.h>
#include <kj/debug.h>

#include <string>
#include <vector>

namespace runledger {
namespace {

// Keeps what was written to it, and finishes a write when it is told to.
class SlowStream final : public kj::AsyncIoStream {
 public:
  std::vector<std::string> written;
  bool is_ended = false;
  bool is_slow = false;
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> pending;

  // Ends the write that is pending.
  void finish() {
    KJ_IF_MAYBE (write, pending) (*write)->fulfill();
  }
  void fail() {
    KJ_IF_MAYBE (write, pending) (*write)->reject(KJ_EXCEPTION(DISCONNECTED, "gone"));
  }

  kj::Promise<std::size_t> tryRead(void* /*buffer*/, std::size_t /*bytes_min*/, std::size_t /*bytes_max*/) override {
    return kj::NEVER_DONE;
  }
  kj::Promise<void> write(const void* buffer, std::size_t size) override {
    written.emplace_back(static_cast<const char*>(buffer), size);
    if (!is_slow) return kj::READY_NOW;
    auto pair = kj::newPromiseAndFulfiller<void>();
    pending = kj::mv(pair.fulfiller);
    return kj::mv(pair.promise);
  }
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override {
    std::string all;
    for (const auto& piece : pieces) all.append(piece.asChars().begin(), piece.size());
    return write(all.data(), all.size());
  }
  kj::Promise<void> whenWriteDisconnected() override { return kj::NEVER_DONE; }
  void shutdownWrite() override { is_ended = true; }
};

class GatheredWritesOnAStream : public testing::Test {
 public:
  ~GatheredWritesOnAStream() noexcept override = default;

 protected:
  kj::Promise<void> write(const std::string& bytes) { return writes_.write(bytes.data(), bytes.size()); }
  void turn() {
    kj::evalLast([] {}).wait(io_.waitScope);
    io_.waitScope.poll();
  }

  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  SlowStream stream_;
  GatheredWrites writes_{kj::Own<kj::AsyncIoStream>(&stream_, kj::NullDisposer::instance)};
};

using Written = std::vector<std::string>;

TEST_F(GatheredWritesOnAStream, WritesOfOneTurnAreOne) {
  write("one ").wait(io_.waitScope);
  write("two ").wait(io_.waitScope);
  const kj::ArrayPtr<const kj::byte> pieces[] = {kj::StringPtr("th").asBytes(), kj::StringPtr("ree").asBytes()};
  writes_.write(pieces).wait(io_.waitScope);
  turn();
  EXPECT_EQ(stream_.written, Written{"one two three"});
  EXPECT_EQ(writes_.unfinished(), 0U);
}

TEST_F(GatheredWritesOnAStream, WhatComesDuringAWriteFollowsItTogether) {
  stream_.is_slow = true;
  write("1").wait(io_.waitScope);
  turn();
  write("2").wait(io_.waitScope);
  write("3").wait(io_.waitScope);
  EXPECT_EQ(writes_.unfinished(), 3U);
  turn();
  EXPECT_EQ(stream_.written, Written{"1"});
  stream_.is_slow = false;
  stream_.finish();
  turn();
  EXPECT_EQ(stream_.written, (Written{"1", "23"}));
  EXPECT_EQ(writes_.unfinished(), 0U);
}

TEST_F(GatheredWritesOnAStream, AWriteWithoutRoomWaitsForThoseBeforeIt) {
  stream_.is_slow = true;
  write("first").wait(io_.waitScope);
  turn();
  const std::string large(GatheredWrites::kBytesGathered, 'x');
  auto writing = write(large);
  turn();
  EXPECT_FALSE(writing.poll(io_.waitScope));
  stream_.is_slow = false;
  stream_.finish();
  writing.wait(io_.waitScope);
  EXPECT_EQ(stream_.written, (Written{"first", large}));
}

TEST_F(GatheredWritesOnAStream, FlushAndTheEndWaitForEverything) {
  stream_.is_slow = true;
  write("last").wait(io_.waitScope);
  auto flushed = writes_.flush();
  writes_.shutdownWrite();
  turn();
  EXPECT_FALSE(flushed.poll(io_.waitScope));
  EXPECT_FALSE(stream_.is_ended);
  stream_.finish();
  flushed.wait(io_.waitScope);
  EXPECT_TRUE(stream_.is_ended);
  EXPECT_EQ(stream_.written, Written{"last"});
}

TEST_F(GatheredWritesOnAStream, AnErrorBelowFailsTheNextWriteAndFlush) {
  stream_.is_slow = true;
  write("lost").wait(io_.waitScope);
  auto flushed = writes_.flush();
  turn();
  stream_.fail();
  EXPECT_THROW(flushed.wait(io_.waitScope), kj::Exception);
  EXPECT_THROW(write("next").wait(io_.waitScope), kj::Exception);
  EXPECT_THROW(writes_.flush().wait(io_.waitScope), kj::Exception);
}

}  // namespace
}  // namespace runledger
