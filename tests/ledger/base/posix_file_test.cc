// Files by POSIX calls: a write is complete or an error says why not, and no call blocks on a pipe.
#include "ledger/base/posix_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "ledger/base/failure.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using testing::HasSubstr;

// Limits the size of files that this process can write, for the lifetime of the object.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, signal_);
  }

 private:
  rlimit before_{};
  void (*signal_)(int);
};

TEST(PosixFile, ThatTakesOnlyAPartSaysWhy) {
  const TemporaryDirectory directory;
  const PosixFile file(directory.path() / "file", O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  const SeenFailure failure = failure_of([&] {
    const FileSizeLimit limit(10);
    errno = 0;  // A short write does not set errno.
    file.write("twenty bytes of text");
  });
  EXPECT_EQ(failure.code, "storage.failed");
  EXPECT_THAT(failure.what, HasSubstr("File too large"));
}

TEST(PosixFile, IsReadUpToALimit) {
  const TemporaryDirectory directory;
  const PosixFile file(directory.path() / "file", O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  const std::string text(100'000, 'x');  // More than is read in one call.
  file.write(text);
  EXPECT_EQ(file.read_up_to(0), "");
  EXPECT_EQ(file.read_up_to(99'999), text.substr(1));
  EXPECT_EQ(file.read_up_to(100'001), text);
  const PosixFile unreadable(directory.path(), O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(unreadable.read_up_to(1), std::nullopt);
  EXPECT_EQ(errno, EISDIR);
}

TEST(NamedFile, IsARegularOneAndNobodyWaitsForAPipe) {
  const TemporaryDirectory directory;
  const std::filesystem::path pipe = directory.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), S_IRUSR | S_IWUSR), 0);
  EXPECT_EQ(NamedFile(pipe).trouble, "no regular file");
  EXPECT_EQ(NamedFile(directory.path()).trouble, "no regular file");
  EXPECT_EQ(NamedFile(directory.path() / "none").trouble, "No such file or directory");
  PosixFile(directory.path() / "file", O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR).write("abc");
  const NamedFile file(directory.path() / "file");
  EXPECT_EQ(file.trouble, "");
  EXPECT_EQ(file.file.read_all(), "abc");
}

}  // namespace
}  // namespace runledger
