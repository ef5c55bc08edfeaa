// The file of a snapshot: its content, and the changes that a reader refuses.
//
// The tests write an example and read it again after some change to the file or the directory. For durability, this
// program replaces fsync() and records the files that are synced, in order, before it calls the system. Damage is made
// at every single byte, so that no part of the file is without protection.
#include "jobs/graph/snapshot.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

#include "jobs/worker/job.h"
#include "ledger/values/json.h"
#include "ledger/values/sha256.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace {

// The files that this thread has synced.
thread_local std::vector<std::filesystem::path> synced;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

}  // namespace

// Replaces libc's function in the whole program, because a test cannot see from outside whether a file is durable.
extern "C" int fsync(int handle) {
  std::error_code ignored;
  synced.push_back(std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", handle), ignored));
  return static_cast<int>(::syscall(SYS_fsync, handle));
}

namespace runledger {
namespace {

class SnapshotFile : public ::testing::Test {
 protected:
  [[nodiscard]] static Snapshot example() {
    Snapshot snapshot = {.run = examples::run_id(7), .attempt = {2}, .scope = examples::scope()};
    snapshot.policy_type = "compliance";
    snapshot.policies = {{"p-2", R"([{"id":"ä\"","target":{"a":1.5,"b":[null,true]}}])"}, {"p-1", "[]"}};
    return snapshot;
  }

  [[nodiscard]] std::filesystem::path path() const { return path(2); }
  [[nodiscard]] std::filesystem::path path(std::uint32_t attempt) const {
    return snapshot_path(directory_.path(), examples::run_id(7), {attempt});
  }

  [[nodiscard]] std::string bytes() const {
    std::ifstream file(path());
    return {std::istreambuf_iterator<char>(file), {}};
  }

  void replace(const std::string& bytes) const { std::ofstream(path(), std::ios::trunc) << bytes; }

  [[nodiscard]] Snapshot read() const {
    return read_snapshot(directory_.path(), examples::run_id(7), examples::scope());
  }

  [[nodiscard]] std::string refusal() const {
    try {
      static_cast<void>(read());
      return "read";
    } catch (const JobFailure& failure) {
      EXPECT_FALSE(failure.retryable());
      return failure.reason_code().str();
    }
  }

  // Changes the content and writes a digest that fits.
  void replace_content(const std::function<void(nlohmann::json& content)>& change) const {
    nlohmann::json document = nlohmann::json::parse(bytes());
    change(document["content"]);
    const Digest<32> digest = sha256({canonical_json(*parse_json(document["content"].dump(), kSnapshotLimits))});
    document["sha256"] = format_hex({reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()});
    replace(document.dump());
  }

  TemporaryDirectory directory_;
};

TEST_F(SnapshotFile, IsReadAsItWasWritten) {
  write_snapshot(directory_.path(), example());
  EXPECT_EQ(read(), example());
  Snapshot other = example();
  other.complete = false;
  other.graph_tenant_id = "contoso.example";
  other.attempt = {3};
  other.policies.clear();
  write_snapshot(directory_.path(), other);
  EXPECT_EQ(read(), other);
}

TEST_F(SnapshotFile, IsDurableWithTheDirectoryThatWasMadeForIt) {
  const std::filesystem::path directory = std::filesystem::canonical(directory_.path());
  for (const AttemptNumber attempt :
       {AttemptNumber{1}, AttemptNumber{2}}) {  // The second attempt may find the directory of the first.
    synced.clear();
    Snapshot snapshot = example();
    snapshot.attempt = attempt;
    write_snapshot(directory / "snapshots", snapshot);
    EXPECT_THAT(synced, testing::Contains(directory / "snapshots"));
    EXPECT_THAT(synced, testing::Contains(directory));
  }
}

// docs/snapshots.md shows the form. Snapshots that are written today must be readable for ever.
TEST_F(SnapshotFile, HasTheDocumentedForm) {
  write_snapshot(directory_.path(), example());
  const std::string expected =
      R"({"format":"runledger assignments snapshot","version":1,)"
      R"("sha256":"DIGEST",)"
      R"("content":{"attempt":2,"complete":true,"graph_tenant_id":null,"policies":[{"assignments":[],"id":"p-1"},)"
      R"({"assignments":[{"id":"ä\"","target":{"a":1.5,"b":[null,true]}}],"id":"p-2"}],"policy_type":"compliance",)"
      R"("run_id":"00000000-0000-0000-0000-000000000007","tenant":"contoso","workspace":"acme"}})"
      "\n";
  std::string found = bytes();
  const nlohmann::json document = nlohmann::json::parse(found);
  const std::string digest = document["sha256"];
  found.replace(found.find(digest), digest.size(), "DIGEST");
  EXPECT_EQ(found, expected);
  EXPECT_EQ(digest, "0a2c08211899499784ee457850c9d8fcc992a4a7180e4f57759d24441399547e");
}

TEST_F(SnapshotFile, OfALaterAttemptTakesThePlaceOfTheEarlierOnes) {
  Snapshot snapshot = example();
  for (const std::uint32_t attempt : {1U, 2U, 10U}) {
    snapshot.attempt = {attempt};
    write_snapshot(directory_.path(), snapshot);
    EXPECT_EQ(read(), snapshot);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_.path()), {}), 1);
  }
}

// A worker that lost its attempt while it stood still could write so late.
TEST_F(SnapshotFile, OfAnEarlierAttemptThatComesLateChangesNothing) {
  write_snapshot(directory_.path(), example());
  Snapshot late = example();
  late.attempt = {1};
  late.policies.clear();
  write_snapshot(directory_.path(), late);
  EXPECT_EQ(read(), example());
}

TEST_F(SnapshotFile, IsFoundAmongFilesThatAreNone) {
  write_snapshot(directory_.path(), example());
  const std::string run = format_uuid(examples::run_id(7).value);
  for (const auto* name :
       {".json", "..json", ".03.json", ".3x.json", ".-3.json", ".3.json.partial", ".4294967296.json"})
    std::ofstream(directory_.path() / (run + name)) << "x";
  std::ofstream(directory_.path() / (format_uuid(examples::run_id(8).value) + ".3.json")) << "x";
  EXPECT_EQ(read(), example());
}

TEST_F(SnapshotFile, IsNotBelievedWithAnyByteChanged) {
  write_snapshot(directory_.path(), example());
  const std::string whole = bytes();
  for (std::size_t i = 0; i + 1 < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = changed[i] == '1' ? '2' : '1';
    if (changed == whole) continue;
    replace(changed);
    EXPECT_NE(refusal(), "read") << i;
  }
}

TEST_F(SnapshotFile, IsNotBelievedWhenItIsCut) {
  write_snapshot(directory_.path(), example());
  const std::string whole = bytes();
  for (std::size_t length = 0; length + 1 < whole.size(); length += 5) {
    replace(whole.substr(0, length));
    EXPECT_EQ(refusal(), "snapshot.damaged") << length;
  }
}

TEST_F(SnapshotFile, IsNotBelievedWhenItsContentIsAnother) {
  const std::vector<std::function<void(nlohmann::json&)>> changes = {
      [](auto& content) { content["run_id"] = format_uuid(examples::run_id(8).value); },
      [](auto& content) { content["run_id"] = "x"; },
      [](auto& content) { content["attempt"] = 3; },
      [](auto& content) { content.erase("workspace"); },
      [](auto& content) { content["workspace"] = "a b"; },
      [](auto& content) { content["tenant"] = "a b"; },
      [](auto& content) { content["complete"] = 1; },
      [](auto& content) { content["policies"] = 1; },
      [](auto& content) { content["policies"][0] = 1; },
      [](auto& content) { content["policies"][0]["id"] = "../x"; },
      [](auto& content) { content["policies"][0]["assignments"] = nullptr; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    write_snapshot(directory_.path(), example());
    replace_content(changes[i]);
    EXPECT_EQ(refusal(), "snapshot.damaged") << i;
  }
}

TEST_F(SnapshotFile, OfANewerVersionIsLeftToIt) {
  write_snapshot(directory_.path(), example());
  std::string newer = bytes();
  newer.replace(newer.find("\"version\":1"), 11, "\"version\":2");
  replace(newer);
  EXPECT_EQ(refusal(), "snapshot.format_newer");
}

TEST_F(SnapshotFile, ThatIsNoFileIsNotRead) {
  EXPECT_EQ(refusal(), "snapshot.not_found");
  std::filesystem::create_directory(path());
  EXPECT_EQ(refusal(), "snapshot.damaged");
  std::filesystem::remove(path());
  write_snapshot(directory_.path() / "elsewhere", example());
  std::filesystem::create_symlink(snapshot_path(directory_.path() / "elsewhere", examples::run_id(7), {2}), path());
  EXPECT_EQ(refusal(), "snapshot.unreadable");
}

TEST_F(SnapshotFile, OfAnotherScopeIsNone) {
  Snapshot snapshot = example();
  snapshot.scope = examples::scope("northwind");
  write_snapshot(directory_.path(), snapshot);
  EXPECT_EQ(refusal(), "snapshot.not_found");
  snapshot.scope = examples::workspace_scope();
  write_snapshot(directory_.path(), snapshot);
  EXPECT_EQ(refusal(), "snapshot.not_found");
}

TEST_F(SnapshotFile, IsMadeInAPlaceThatIsThere) {
  write_snapshot(directory_.path() / "new", example());
  EXPECT_TRUE(std::filesystem::exists(snapshot_path(directory_.path() / "new", examples::run_id(7), {2})));
  try {
    write_snapshot(directory_.path() / "no" / "such", example());
    FAIL();
  } catch (const JobFailure& failure) {
    EXPECT_EQ(failure.reason_code().str(), "snapshot.unwritable");
    EXPECT_TRUE(failure.retryable());
  }
}

}  // namespace
}  // namespace runledger
