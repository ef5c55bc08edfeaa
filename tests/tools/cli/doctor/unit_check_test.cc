// What doctor makes of systemd units: the one that is shipped, and each way in which another differs from it.
#include "tools/cli/doctor/unit_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/places.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
namespace fs = std::filesystem;

constexpr const char* kServed = "/var/lib/runledger/ledger";

std::string shipped() {
  return read_file(source_directory() / "scripts/runledger.service");
}

// The shipped unit with a line replaced by another; empty removes it.
std::string shipped_with(const std::string& line, const std::string& other) {
  std::string text = shipped();
  const std::size_t at = text.find("\n" + line + "\n");
  EXPECT_NE(at, std::string::npos) << line;
  return text.replace(at, line.size() + 1, other.empty() ? "" : "\n" + other);
}

TEST(DoctorsUnit, ThatIsShippedIsSound) {
  EXPECT_EQ(judge_unit(shipped(), kServed).detail, "it serves this directory, with every setting of ours");
  EXPECT_EQ(judge_unit(shipped(), "/var/lib/runledger/../runledger/ledger").code, "");
}

// Whatever is added to the shipped unit for every site is asked of the others.
TEST(DoctorsUnit, HasTheSettingsOfTheShippedOne) {
  std::string of_ours;
  for (const UnitSetting& setting : unit_settings())
    of_ours += std::string(setting.name) + "=" + std::string(setting.value) + "\n";
  const std::string text = shipped();
  const std::string service = text.substr(text.find("[Service]"), text.find("[Install]") - text.find("[Service]"));
  const std::regex of_a_site(
      "(User|Group|StateDirectory|StateDirectoryMode|RuntimeDirectory|Environment|"
      "EnvironmentFile|ExecStart|ExecReload)=.*");
  std::string in_file;
  for (const std::string& line : lines_of(service)) {
    if (line.find('=') != std::string::npos && !line.starts_with("#") && !std::regex_match(line, of_a_site))
      in_file += line + "\n";
  }
  EXPECT_EQ(of_ours, in_file);
}

TEST(DoctorsUnit, OfAnotherDirectoryOrCommandIsAProblem) {
  EXPECT_EQ(judge_unit(shipped(), "/srv/runs").code, "doctor.unit_other_directory");
  const std::string start = "ExecStart=/usr/local/bin/runledger serve";
  const auto judged = [&](const std::string& other) {
    return judge_unit(shipped_with(start, other), "/srv/runs").code;
  };
  EXPECT_EQ(judged("ExecStart=/usr/bin/runledger --data /srv/runs serve"), "");
  EXPECT_EQ(judged("ExecStart=/usr/bin/runledger \"--data=/srv/runs\" serve"), "");
  EXPECT_EQ(judged("ExecStart=/usr/bin/runledger \\\n  --data /srv/runs \\\n  serve"), "");
  EXPECT_EQ(judged("ExecStart=/usr/bin/runledger --data /srv/other serve"), "doctor.unit_other_directory");
  EXPECT_EQ(judged("ExecStart=/usr/bin/runledger work"), "doctor.unit_other_command");
  EXPECT_EQ(judged(""), "doctor.unit_other_command");
  EXPECT_EQ(judge_unit(shipped_with("Environment=RUNLEDGER_DATA=/var/lib/runledger/ledger", ""), "/srv/runs").detail,
            "it has every setting of ours, and leaves the directory to its configuration");
}

TEST(DoctorsUnit, WithoutASettingOrWithAnotherValueNamesIt) {
  for (const UnitSetting& setting : unit_settings()) {
    const std::string line = std::string(setting.name) + "=" + std::string(setting.value);
    const Check check = judge_unit(shipped_with(line, ""), kServed);
    EXPECT_EQ(check.code, "doctor.unit_settings") << line;
    EXPECT_THAT(check.detail, HasSubstr("it lacks " + line));
  }
  EXPECT_EQ(judge_unit(shipped_with("UMask=0077", "UMask=0022"), kServed).detail, "it lacks UMask=0077");
  EXPECT_EQ(judge_unit(shipped_with("UMask=0077", "# UMask=0077"), kServed).detail, "it lacks UMask=0077");
  EXPECT_EQ(judge_unit(shipped_with("LimitNOFILE=65536", "LimitNOFILE=1024"), kServed).detail,
            "it lacks LimitNOFILE=65536");
  EXPECT_EQ(judge_unit(shipped_with("LimitNOFILE=65536", "LimitNOFILE=131072:524288"), kServed).code, "");
  EXPECT_EQ(judge_unit(shipped_with("LimitNOFILE=65536", "LimitNOFILE=infinity"), kServed).code, "");
}

TEST(DoctorsUnit, IsReadWithWhatIsDroppedIn) {
  const TemporaryDirectory directory;
  const fs::path unit = directory.path() / "runs.service";
  EXPECT_EQ(check_unit(unit, kServed).status, CheckStatus::kUnchecked);
  EXPECT_EQ(check_unit("no-unit-of-this-name", kServed).detail, "no-unit-of-this-name.service is not installed");
  EXPECT_EQ(check_unit("no-unit.timer", kServed).detail, "no-unit.timer is not installed");
  std::ofstream(unit) << shipped();
  EXPECT_EQ(check_unit(unit, kServed).status, CheckStatus::kOk);
  EXPECT_THAT(check_unit(unit, kServed).detail, StartsWith(unit.string() + ": it serves"));
  fs::create_directory(unit.string() + ".d");
  std::ofstream(unit.string() + ".d/10-data.conf") << "[Service]\nEnvironment=RUNLEDGER_DATA=/srv/runs\n";
  std::ofstream(unit.string() + ".d/notes.txt") << "[Service]\nExecStart=\n";
  EXPECT_EQ(check_unit(unit, "/srv/runs").status, CheckStatus::kOk);
  EXPECT_EQ(check_unit(unit, kServed).code, "doctor.unit_other_directory");
  std::ofstream(unit.string() + ".d/20-filter.conf") << "[Service]\nSystemCallFilter=\n";
  EXPECT_EQ(check_unit(unit, "/srv/runs").code, "doctor.unit_settings");
}

}  // namespace
}  // namespace runledger
