// What doctor makes of the times that flushes took, and of real disks.
#include "tools/cli/doctor/machine_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::HasSubstr;

std::string code_of(std::vector<std::chrono::nanoseconds> took) {
  return judge_flushes(std::move(took)).code;
}

TEST(DoctorsFlushes, ThatNoDiskCanMakeAreNotBelieved) {
  EXPECT_EQ(code_of({microseconds(2), microseconds(3), microseconds(900)}), "doctor.flush_ignored");
  EXPECT_EQ(code_of({microseconds(14)}), "doctor.flush_ignored");
  EXPECT_EQ(code_of({microseconds(15)}), "");
}

TEST(DoctorsFlushes, AreJudgedByTheirMedian) {
  EXPECT_EQ(code_of({milliseconds(2), milliseconds(3), milliseconds(900)}), "");
  EXPECT_EQ(code_of({milliseconds(2), milliseconds(51), milliseconds(60)}), "doctor.flush_slow");
  EXPECT_EQ(judge_flushes({milliseconds(2), milliseconds(3), milliseconds(4)}).detail,
            "median 3.0 ms, worst 4.0 ms of 3 flushes");
}

TEST(DoctorsChecks, OfARealDirectoryFindWhatItIs) {
  const TemporaryDirectory directory;
  EXPECT_NE(check_flush(directory.path()).detail, "");
  EXPECT_THAT(check_free_space(directory.path()).detail, HasSubstr("free"));
  EXPECT_EQ(check_file_system("/proc/self/no-such").code, "doctor.directory_unreadable");
  EXPECT_EQ(check_file_system("/dev/shm").code, "doctor.file_system_volatile");
}

}  // namespace
}  // namespace runledger
