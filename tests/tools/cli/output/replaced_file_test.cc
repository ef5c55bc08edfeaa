// A file that is replaced: who may read it, and what is left when it was not replaced.
#include "tools/cli/output/replaced_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "ledger/base/failure.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

class FileReplacement : public testing::Test {
 protected:
  [[nodiscard]] mode_t mode() const {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 07777U;
  }
  void write(const std::string& content) const {
    ReplacedFile file(path);
    file.out().write(content);
    file.commit();
  }

  TemporaryDirectory directory;
  std::string path = directory.path() / "file";
};

TEST_F(FileReplacement, ThatIsNewIsForItsOwner) {
  write("new");
  EXPECT_EQ(read_file(path), "new");
  EXPECT_EQ(mode(), 0600U);
}

TEST_F(FileReplacement, KeepsTheModeOfTheOneThatWasThere) {
  for (const mode_t before : {0600U, 0640U, 0644U, 0400U}) {
    std::filesystem::remove(path);
    std::ofstream(path) << "old";
    ASSERT_EQ(::chmod(path.c_str(), before), 0);
    write("new");
    EXPECT_EQ(read_file(path), "new");
    EXPECT_EQ(before, mode());
  }
}

TEST_F(FileReplacement, IsNowhereToBeSeenUntilItIsWhole) {
  std::ofstream(path) << "old";
  ReplacedFile file(path);
  file.out().write(std::string(2 * Output::kBufferMax, 'x'));  // More than the output keeps in memory.
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) files += entry.is_regular_file();
  EXPECT_EQ(files, 1U) << "a kill at this moment would leave no other file";
  EXPECT_EQ(read_file(path), "old");
}

TEST_F(FileReplacement, ThatCannotBeMadeIsNamedAsItWasTyped) {
  const SeenFailure failure = failure_of([] { const ReplacedFile file("/nonexistent/./file"); });
  EXPECT_EQ(failure.code, "output.failed");
  EXPECT_NE(failure.what.find("write /nonexistent/./file,"), std::string::npos);
}

}  // namespace
}  // namespace runledger
