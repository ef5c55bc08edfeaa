// Reading ahead changes how often the stream below is read, and nothing else.
#include "clients/cpp/read_ahead.h"

#include <gtest/gtest.h>

#include <string>

namespace runledger {
namespace {

// Counts the reads of a stream.
class CountedReads final : public StreamFilter {
 public:
  CountedReads(kj::Own<kj::AsyncIoStream> below, int& reads) : StreamFilter(kj::mv(below)), reads_(reads) {}
  kj::Promise<std::size_t> tryRead(void* buffer, std::size_t bytes_min, std::size_t bytes_max) override {
    ++reads_;
    return StreamFilter::tryRead(buffer, bytes_min, bytes_max);
  }

 private:
  int& reads_;
};

class ReadAheadStream : public testing::Test {
 public:
  ~ReadAheadStream() noexcept override = default;

 protected:
  void send(const std::string& bytes) { sent_ += bytes; }
  // Writes everything that was sent in one piece, and ends the stream.
  void deliver() {
    writing_ = pipe_.ends[1]
                   ->write(sent_.data(), sent_.size())
                   .then([this] { pipe_.ends[1]->shutdownWrite(); })
                   .eagerlyEvaluate(nullptr);
  }
  std::string read(std::size_t bytes_min, std::size_t bytes_max) {
    std::string bytes(bytes_max, '?');
    bytes.resize(stream_.tryRead(bytes.data(), bytes_min, bytes_max).wait(io_.waitScope));
    return bytes;
  }

  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  kj::TwoWayPipe pipe_ = io_.provider->newTwoWayPipe();
  int reads_ = 0;
  ReadAhead stream_{kj::heap<CountedReads>(kj::mv(pipe_.ends[0]), reads_)};
  std::string sent_;
  kj::Promise<void> writing_ = kj::READY_NOW;
};

TEST_F(ReadAheadStream, SmallReadsOfBytesThatCameTogetherReadOnce) {
  send("12345678");
  deliver();
  EXPECT_EQ(read(2, 2), "12");
  EXPECT_EQ(read(3, 3), "345");
  EXPECT_EQ(read(1, 3), "678");
  EXPECT_EQ(reads_, 1);
}

TEST_F(ReadAheadStream, ALargeReadTakesWhatWasReadAheadAndTheRestFromTheStream) {
  const std::string large(3 * ReadAhead::kBytesAhead, 'x');
  send("12" + large);
  deliver();
  EXPECT_EQ(read(2, 2), "12");
  EXPECT_EQ(read(large.size(), large.size()), large);
}

TEST_F(ReadAheadStream, AReadOfNothingTakesNothing) {
  send("1234");
  deliver();
  EXPECT_EQ(read(1, 1), "1");
  EXPECT_EQ(stream_.tryRead(nullptr, 0, 0).wait(io_.waitScope), 0U);
  EXPECT_EQ(read(3, 3), "234");
}

TEST_F(ReadAheadStream, TheEndOfTheStreamCutsARead) {
  send("1234");
  deliver();
  EXPECT_EQ(read(3, 3), "123");
  EXPECT_EQ(read(2, 2), "4");
  EXPECT_EQ(read(1, 1), "");
}

TEST_F(ReadAheadStream, ReadsOfAllSizesGiveTheBytesInOrder) {
  for (int i = 0; i < 20'000; ++i) send(std::to_string(i));
  deliver();
  std::string got;
  for (std::size_t size = 1; got.size() < sent_.size(); size = size * 7 % 10'007) got += read(size, size + size / 2);
  EXPECT_EQ(got, sent_);
}

}  // namespace
}  // namespace runledger
