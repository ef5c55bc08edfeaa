// The configuration file: which text is accepted, and where the refusal points.
#include "tools/cli/options/config_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "ledger/values/rejection.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const ConfigTables& known_tables() {
  static const ConfigTables all = {
      {"", {{"data", ConfigType::kString}, {"format", ConfigType::kString}}},
      {"list", {{"limit", ConfigType::kInteger}, {"since", ConfigType::kTime}}},
      {"serve",
       {{"http", ConfigType::kString}, {"listen", ConfigType::kStrings}, {"open-metrics", ConfigType::kBoolean}}}};
  return all;
}

// Returns each entry as "table.key=text,text".
std::vector<std::string> entries_of(std::string_view text) {
  std::vector<std::string> shown;
  for (const ConfigEntry& entry : parse_config(text, "f.toml", known_tables()))
    shown.push_back(fmt::format("{}.{}={}", entry.table, entry.key, fmt::join(entry.texts, ",")));
  return shown;
}

template <class Call>
std::string refusal_of(Call call) {
  try {
    call();
    return "nothing was refused";
  } catch (const Refused& refused) {
    EXPECT_EQ(refused.rejection().code, "config.invalid");
    return refused.rejection().detail.str();
  }
}

std::string refusal_of_text(std::string_view text) {
  return refusal_of([&] { (void)parse_config(text, "f.toml", known_tables()); });
}

std::string refusal_of_file(const std::filesystem::path& path) {
  return refusal_of([&] { (void)read_config_file(path.string()); });
}

TEST(ConfigFile, GivesItsEntriesAsTheyWouldBeTyped) {
  EXPECT_THAT(entries_of("data = \"/d\"\n[serve]\nopen-metrics = true\nlisten = [\n  'a', # first\n  \"b\",\n]\n"
                         "[list]\nlimit = 1_0\n"),
              ElementsAre(".data=/d", "serve.open-metrics=true", "serve.listen=a,b", "list.limit=10"));
  EXPECT_THAT(entries_of("list.limit = 0x10\nserve = {http = \"h\", open-metrics = false}"),
              ElementsAre("list.limit=16", "serve.http=h", "serve.open-metrics=false"));
  EXPECT_THAT(entries_of("serve.listen = \"one\""), ElementsAre("serve.listen=one"));
  EXPECT_THAT(entries_of("serve.listen = []"), ElementsAre("serve.listen="));
  EXPECT_THAT(entries_of("list.since = 2026-01-31T12:00:00Z"), ElementsAre("list.since=2026-01-31T12:00:00Z"));
  EXPECT_THAT(entries_of("list.since = 2026-01-31 12:00:00.5-01:30"),
              ElementsAre("list.since=2026-01-31T12:00:00.5-01:30"));
  EXPECT_THAT(entries_of("list.since = \"yesterday\""), ElementsAre("list.since=yesterday"));
  EXPECT_THAT(entries_of("\xef\xbb\xbf# only a comment\r\n"), ElementsAre());
  EXPECT_THAT(entries_of(""), ElementsAre());
}

TEST(ConfigFile, ThatIsNotTomlIsRefusedWithItsPlace) {
  EXPECT_EQ(refusal_of_text("data = \"a\"\njust words\n"),
            "f.toml: line 2, column 6: expected TOML 1.0, found a mistake (key-value pair)");
  EXPECT_THAT(refusal_of_text("data = a\n"), HasSubstr("line 1, column 8: expected TOML 1.0"));
  EXPECT_THAT(refusal_of_text("\n\n[list\n"), HasSubstr("line 3, column 6: expected TOML 1.0"));
  EXPECT_THAT(refusal_of_text("data = \"a\nb\"\n"), HasSubstr("expected TOML 1.0"));
  EXPECT_THAT(refusal_of_text("data = \"\xff\"\n"), HasSubstr("expected UTF-8"));
  EXPECT_THAT(refusal_of_text(std::string(100, '\0')), HasSubstr("line 1, column 1: expected"));
}

TEST(ConfigFile, ThatSetsAKeyTwiceIsRefused) {
  for (const char* text : {"data = \"a\"\ndata = \"b\"\n", "[list]\nlimit = 1\n[list]\nlimit = 2\n",
                           "list.limit = 1\nlist.limit = 2\n", "list = {limit = 1}\nlist.since = \"a\"\n"})
    EXPECT_THAT(refusal_of_text(text), HasSubstr(": expected ")) << text;
  EXPECT_EQ(refusal_of_text("data = \"a\"\ndata = \"b\"\n"),
            "f.toml: line 2, column 8: expected each key and table once, found one again");
}

TEST(ConfigFile, WithAnUnknownKeyIsRefusedWithTheNearestName) {
  EXPECT_EQ(refusal_of_text("[serve]\nhtp = \"h\"\n"),
            "f.toml: line 2, column 1: expected only known options in [serve], found \"htp\"; did you mean \"http\"?");
  EXPECT_THAT(refusal_of_text("dta = \"h\"\n"), HasSubstr("outside of tables, found \"dta\"; did you mean \"data\"?"));
  EXPECT_THAT(refusal_of_text("[lst]\nlimit = 1\n"), HasSubstr("found \"lst\"; did you mean \"list\"?"));
  EXPECT_THAT(refusal_of_text("colour = 1\n"), HasSubstr("found \"colour\"; see runledger --help"));
  EXPECT_THAT(refusal_of_text("[list]\ncolour = 1\n"), HasSubstr("found \"colour\"; see runledger list --help"));
  EXPECT_THAT(refusal_of_text("\"\" = 1\n"), HasSubstr("found \"\""));
  EXPECT_THAT(refusal_of_text("\"\".data = 1\n"), HasSubstr("found \"\""));
  EXPECT_THAT(refusal_of_text("[list]\nzeta = 1\nalpha = 1\n"), HasSubstr("line 2")) << "the first in the file";
}

TEST(ConfigFile, WithAValueOfAnotherTypeIsRefused) {
  EXPECT_EQ(refusal_of_text("[list]\nlimit = \"10\"\n"),
            "f.toml: line 2, column 9: expected an integer for \"limit\", found a string");
  for (const auto& [text, found] :
       std::vector<std::pair<std::string, std::string>>{{"list.limit = 1.5", "a floating-point number"},
                                                        {"list.limit = [1]", "an array"},
                                                        {"[list.limit]\na = 1", "a table"},
                                                        {"data = 5", "an integer"},
                                                        {"data = [\"a\"]", "an array"},
                                                        {"serve.open-metrics = \"true\"", "a string"},
                                                        {"serve.open-metrics = 1", "an integer"},
                                                        {"serve.listen = [\"a\", 1]", "an integer"},
                                                        {"serve.listen = [[\"a\"]]", "an array"},
                                                        {"list.since = 2026-01-31T12:00:00", "a date-time"},
                                                        {"list.since = 2026-01-31", "a date"},
                                                        {"list.since = 12:00:00", "a local time"},
                                                        {"list = 5", "an integer"},
                                                        {"[[list]]\nlimit = 1", "an array"}})
    EXPECT_THAT(refusal_of_text(text), testing::EndsWith("found " + found)) << text;
  EXPECT_THAT(refusal_of_text("data = \"a\\u0000b\""), HasSubstr("U+0000"));
}

TEST(ConfigFile, NeverShowsAValueInARefusal) {
  for (const char* text :
       {"data = hidden", "data = \"hidden", "data = \"hidden\" x", "data = 'hidden\n'", "list.limit = \"hidden\"",
        "data = [\"hidden\"]", "data = \"hidden\"\nhtp = 1", "list.limit = 0xhidden", "data = \"hidden\\q\"",
        "data = \"hidden\\u0000\"", "data = \"hidden\"\ndata = \"hidden\"", "serve = {http = \"hidden\" hidden}"})
    EXPECT_THAT(refusal_of_text(text), AllOf(HasSubstr(": expected "), Not(HasSubstr("hidden")))) << text;
  for (const char* text : {"list.limit = 314159265358979323846", "list.limit = 0o314159", "list.limit = 3.14159e",
                           "list.since = 314159-01-01", "list.limit = 0314159"})
    EXPECT_THAT(refusal_of_text(text), Not(HasSubstr("14159"))) << text;
}

TEST(ConfigFile, ThatNestsWithoutEndIsRefused) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "a.";
  EXPECT_THAT(refusal_of_text(deep + "a = 1"), HasSubstr("expected at most 4096 dots, found 100000"));
  EXPECT_THAT(refusal_of_text("data = " + std::string(100'000, '[')), HasSubstr("expected TOML 1.0"));
  std::string inner = "data = ";
  for (int i = 0; i < 100'000; ++i) inner += "{a=";
  EXPECT_THAT(refusal_of_text(inner), HasSubstr("expected TOML 1.0"));
}

TEST(ConfigFile, IsReadOnlyWhenItIsRegularAndSmall) {
  const TemporaryDirectory directory;
  const auto file = [&](const std::string& name, const std::string& content) {
    std::ofstream(directory.path() / name) << content;
    return directory.path() / name;
  };
  EXPECT_EQ(read_config_file(file("small", "data = \"a\"\n").string()), "data = \"a\"\n");
  EXPECT_EQ(read_config_file(file("empty", "").string()), "");
  EXPECT_EQ(read_config_file(file("largest", std::string(kConfigBytesMax, '#')).string()).size(), kConfigBytesMax);
  EXPECT_THAT(refusal_of_file(file("larger", std::string(kConfigBytesMax + 1, '#'))),
              HasSubstr("expected at most 1048576 bytes, found more"));
  EXPECT_THAT(refusal_of_file(directory.path()), HasSubstr("found: no regular file"));
  EXPECT_THAT(refusal_of_file("/dev/zero"), HasSubstr("found: no regular file"));
  EXPECT_THAT(refusal_of_file(directory.path() / "none"), HasSubstr("found: No such file or directory"));
  EXPECT_THAT(refusal_of_file(""), HasSubstr("found: No such file or directory"));
  const std::filesystem::path fifo = directory.path() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_THAT(refusal_of_file(fifo), HasSubstr("found: no regular file"));
}

}  // namespace
}  // namespace runledger
