// The directory of the spool: who may have access to it, its locks and its limits.
#include "tools/cli/spooling/spool.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using examples::at;
using examples::run_id;
namespace fs = std::filesystem;

class SpoolDirectory : public testing::Test {
 protected:
  TemporaryDirectory directory;
  fs::path path = directory.path() / "spool";

  static mode_t mode_of(const fs::path& of) {
    struct stat status {};
    EXPECT_EQ(::lstat(of.c_str(), &status), 0);
    return status.st_mode & 07777U;
  }
};

TEST_F(SpoolDirectory, AndItsFilesAreForTheirOwnerOnly) {
  const Spool spool = Spool::make(path);
  EXPECT_EQ(mode_of(path), 0700U);
  const SpoolFile file = spool.create(at(0), run_id(1), "{}\n");
  EXPECT_EQ(mode_of(path / file.name()), 0600U);
  EXPECT_EQ(file.read(), "{}\n");
}

TEST_F(SpoolDirectory, ThatIsOpenToOthersOrALinkIsRefused) {
  fs::create_directory(path);
  fs::permissions(path, fs::perms(0750));
  EXPECT_EQ(failure_of([&] { return Spool::make(path); }).code, "spool.insecure");
  EXPECT_EQ(failure_of([&] { return Spool::find(path); }).code, "spool.insecure");
  fs::permissions(path, fs::perms(0700));
  fs::create_directory_symlink(path, directory.path() / "link");
  EXPECT_EQ(failure_of([&] { return Spool::make(directory.path() / "link"); }).code, "spool.insecure");
  EXPECT_EQ(failure_of([&] { return Spool::make(directory.path() / "none" / "spool"); }).code, "spool.failed");
  EXPECT_FALSE(Spool::find(directory.path() / "none"));
}

TEST_F(SpoolDirectory, ListsRunsInTheOrderOfTheirRequests) {
  const Spool spool = Spool::make(path);
  const std::string second = spool.create(at(2), run_id(1), "").name();
  const std::string first = spool.create(at(1), run_id(2), "").name();
  std::ofstream(path / "note.txt") << "x";
  EXPECT_EQ(spool.names().runs, (std::vector<std::string>{first, second}));
  EXPECT_EQ(spool.names().others, (std::vector<std::string>{"note.txt"}));
}

TEST_F(SpoolDirectory, AFileIsTakenByOneAtATime) {
  const Spool spool = Spool::make(path);
  std::optional<SpoolFile> file = spool.create(at(0), run_id(1), "{}\n");
  const std::string name = file->name();
  EXPECT_EQ(spool.open(name).trouble, Spool::Trouble::kInUse);
  file.reset();
  EXPECT_TRUE(spool.open(name).file);
  spool.open(name).file->remove();
  EXPECT_EQ(spool.open(name).trouble, Spool::Trouble::kGone);
}

TEST_F(SpoolDirectory, AFileThatIsNotOfTheSpoolIsNotOpened) {
  const Spool spool = Spool::make(path);
  std::ofstream(directory.path() / "elsewhere") << "{}\n";
  fs::create_symlink(directory.path() / "elsewhere", path / "link.run");
  ASSERT_EQ(::mkfifo((path / "pipe.run").c_str(), 0600), 0);
  std::ofstream(path / "open.run") << "{}\n";
  fs::permissions(path / "open.run", fs::perms(0644));
  for (const char* name : {"link.run", "pipe.run", "open.run"}) {
    EXPECT_FALSE(spool.open(name).file) << name;
    EXPECT_EQ(spool.open(name).trouble, Spool::Trouble::kForeign) << name;
  }
}

TEST_F(SpoolDirectory, ASetAsideFileStaysUnderAnotherName) {
  const Spool spool = Spool::make(path);
  const std::string name = spool.create(at(0), run_id(1), "x").name();
  spool.open(name).file->set_aside();
  EXPECT_TRUE(spool.names().runs.empty());
  EXPECT_EQ(spool.names().others, (std::vector<std::string>{name + ".damaged"}));
}

TEST_F(SpoolDirectory, ThatIsFullTakesNoMoreRuns) {
  const Spool spool = Spool::make(path);
  for (std::size_t i = 0; i < Spool::kFilesMax; ++i) std::ofstream(path / std::to_string(i));
  EXPECT_EQ(failure_of([&] { return spool.create(at(0), run_id(1), "x"); }).code, "spool.full");
  fs::remove(path / "0");
  const std::string name = spool.create(at(0), run_id(1), "x").name();
  fs::remove(path / "1");
  fs::resize_file(path / name, Spool::kBytesMax);
  EXPECT_EQ(failure_of([&] { return spool.create(at(0), run_id(2), "x"); }).code, "spool.full");
}

}  // namespace
}  // namespace runledger
