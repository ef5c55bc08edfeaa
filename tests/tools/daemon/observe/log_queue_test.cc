// The log lines for a pipe that is read, and for one that is not.
#include "tools/daemon/observe/log_queue.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "tests/fixtures/world/full_pipe.h"

namespace runledger {
namespace {

TEST(LogQueue, WritesItsLinesInTheirOrder) {
  FullPipe pipe;
  (void)pipe.read_all();
  {
    LogQueue queue(pipe.writing());
    for (int i = 0; i < 3; ++i) queue.add(std::to_string(i) + "\n");
  }
  EXPECT_EQ(pipe.read_all(), "0\n1\n2\n");
}

TEST(LogQueue, KeepsNobodyWaitingWhereNobodyReads) {
  FullPipe pipe;
  const std::string filling = pipe.filling();
  {
    LogQueue queue(pipe.writing(), std::chrono::milliseconds(50));
    for (std::size_t i = 0; i < 2 * LogQueue::kLinesMax; ++i) queue.add(std::to_string(i) + "\n");
  }
  const std::string read = pipe.read_all();
  EXPECT_TRUE(read.starts_with(filling));
  // The thread holds one line, which may fit once the pipe is read.
  EXPECT_LE(std::count(read.begin(), read.end(), '\n'), 1);
}

TEST(LogQueue, DropsTheOldestAndWritesALineOfAnyLength) {
  FullPipe pipe;
  const std::string filling = pipe.filling();
  const std::string line = std::string(100'000, 'x') + "\n";
  std::string found;
  {
    LogQueue queue(pipe.writing());
    queue.add("the first\n");  // The thread may already hold this line or the next one.
    queue.add("the second\n");
    for (std::size_t i = 1; i < LogQueue::kLinesMax; ++i) queue.add("\n");
    queue.add(line);
    while (!found.ends_with(line)) found += pipe.read_some();
  }
  EXPECT_TRUE(found.starts_with(filling));
  const auto has = [&found](std::string_view text) { return found.find(text) != std::string::npos; };
  EXPECT_FALSE(has("the first") && has("the second"));
}

TEST(LogQueue, DoesNotMindAReaderThatIsGone) {
  FullPipe pipe;
  (void)pipe.read_all();
  pipe.stop_reading();
  LogQueue queue(pipe.writing());
  queue.add("nobody reads this\n");
}

}  // namespace
}  // namespace runledger
