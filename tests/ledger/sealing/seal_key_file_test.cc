// The file of the keys of tenants, and the master key that wraps it.
#include "ledger/sealing/seal_key_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "ledger/base/failure.h"
#include "ledger/sealing/seal_keys.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/log_directory.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;
using Access = SealKeyFile::Access;

class SealKeyFiles : public testing::Test {
 protected:
  SealKeyFiles() { SealKeyFile::create(path(), MasterKeyFile{kSealMasterFile}); }

  [[nodiscard]] const fs::path& path() const { return directory.path(); }
  [[nodiscard]] fs::path file() const { return path() / kSealKeysFile; }
  static TenantKey key_of_tenant(const std::string& name) {
    Scope scope = examples::scope();
    scope.tenant = examples::tenant(name);
    return {SealKey::random(), scope};
  }
  [[nodiscard]] std::string code_of_opening() const {
    try {
      const SealKeyFile opened(path(), Access::kWrite);
      return "";
    } catch (const Failure& failure) {
      return failure.code();
    }
  }

  TemporaryDirectory directory;
};

TEST_F(SealKeyFiles, KeepKeysAcrossOpenings) {
  const TenantKey north = key_of_tenant("north");
  const TenantKey south = key_of_tenant("south");
  {
    SealKeyFile keys(path(), Access::kWrite);
    keys.add({north});
    keys.add({south});
  }
  const SealKeyFile keys(path(), Access::kRead);
  ASSERT_EQ(keys.keys().size(), 2U);
  EXPECT_EQ(keys.keys().at(0).key.id, north.key.id);
  EXPECT_EQ(keys.keys().at(0).key.key.bytes, north.key.key.bytes);
  EXPECT_EQ(keys.keys().at(1).scope, south.scope);
  EXPECT_EQ(read_bytes(file()).find(std::string(view_of(north.key.key.bytes))), std::string::npos) << "it is wrapped";
}

TEST_F(SealKeyFiles, DestroyKeysAndOverwriteTheOldFile) {
  const TenantKey north = key_of_tenant("north");
  const TenantKey south = key_of_tenant("south");
  SealKeyFile keys(path(), Access::kWrite);
  keys.add({north});
  keys.add({south});
  fs::create_hard_link(file(), path() / "old");  // What stays of the old file.
  const std::size_t bytes = fs::file_size(file());
  keys.destroy({north.key.id, SealKeyId{1}});
  EXPECT_EQ(read_bytes(path() / "old"), std::string(bytes, '\0'));
  const SealKeyFile again(path(), Access::kRead);
  ASSERT_EQ(again.keys().size(), 1U);
  EXPECT_EQ(again.keys().front().key.id, south.key.id);
}

TEST_F(SealKeyFiles, PassByALineThatACrashHasCut) {
  const TenantKey north = key_of_tenant("north");
  SealKeyFile(path(), Access::kWrite).add({north});
  const std::string whole = read_bytes(file());
  write_bytes(file(), whole + R"({"key":"00)");
  EXPECT_EQ(SealKeyFile(path(), Access::kRead).keys().size(), 1U);
  EXPECT_GT(fs::file_size(file()), whole.size()) << "a reader changes nothing";
  EXPECT_EQ(SealKeyFile(path(), Access::kWrite).keys().size(), 1U);
  EXPECT_EQ(read_bytes(file()), whole);
}

TEST_F(SealKeyFiles, RefuseAChangedLineAndAnotherMasterKey) {
  SealKeyFile(path(), Access::kWrite).add({key_of_tenant("north")});
  const std::string whole = read_bytes(file());
  std::string moved = whole;
  moved.replace(moved.find("north"), 5, "south");
  write_bytes(file(), moved);
  EXPECT_EQ(code_of_opening(), "seal.keys_damaged") << "a key is bound to its tenant";
  write_bytes(file(), whole);
  EXPECT_EQ(code_of_opening(), "");
  write_bytes(path() / kSealMasterFile, std::string(32, 'x'));
  EXPECT_EQ(code_of_opening(), "seal.master_wrong");
  fs::remove(path() / kSealMasterFile);
  EXPECT_EQ(code_of_opening(), "seal.master_unavailable");
}

TEST_F(SealKeyFiles, AreUnwrappedByACommand) {
  // It adds a word to what it gets, and takes it away.
  const std::string kms = (path() / "kms").string();
  std::ofstream(kms)
      << "#!/bin/sh\nread -r line\ncase $1 in wrap) echo \"v1 $line\" ;; unwrap) echo \"${line#v1 }\" ;; "
         "esac\n";
  fs::permissions(kms, fs::perms::owner_all);
  fs::remove(file());
  SealKeyFile::create(path(), MasterKeyCommand{kms});
  EXPECT_NE(read_bytes(file()).find("\"wrapped\":\"v1 "), std::string::npos);
  SealKeyFile(path(), Access::kWrite).add({key_of_tenant("north")});
  EXPECT_EQ(SealKeyFile(path(), Access::kRead).keys().size(), 1U);
  std::ofstream(kms) << "#!/bin/sh\nexit 3\n";
  EXPECT_EQ(code_of_opening(), "seal.master_unavailable");
  std::ofstream(kms) << "#!/bin/sh\necho nonsense\n";
  EXPECT_EQ(code_of_opening(), "seal.master_wrong");
}

TEST_F(SealKeyFiles, TakeOverKeysOfAnotherLedgerOnce) {
  const TenantKey north = key_of_tenant("north");
  const TenantKey south = key_of_tenant("south");
  {
    SealKeys keys(path(), Access::kWrite);
    EXPECT_TRUE(keys.empty());
    EXPECT_TRUE(keys.adopt({north}));
    EXPECT_TRUE(keys.adopt({north, south})) << "one of them again";
    EXPECT_FALSE(keys.empty());
    EXPECT_EQ(keys.make(south.scope).id, south.key.id) << "the next event of the tenant is sealed under it";
    TenantKey other = key_of_tenant("west");
    other.key.id = north.key.id;
    EXPECT_FALSE(keys.adopt({key_of_tenant("east"), other})) << "none of them is taken";
  }
  const SealKeyFile file(path(), Access::kRead);
  ASSERT_EQ(file.keys().size(), 2U);
  EXPECT_EQ(file.keys().at(0).key.key.bytes, north.key.key.bytes);
  EXPECT_EQ(file.keys().at(1).scope, south.scope);
}

TEST_F(SealKeyFiles, GiveATenantAnotherKeyOnceItsKeyIsRetired) {
  SealKeys keys(path(), Access::kWrite);
  const Scope scope = examples::scope();
  const SealKey first = keys.make(scope);
  EXPECT_EQ(keys.make(scope).id, first.id);
  const std::string sealed = seal_content(first, "the content", "of run 1");
  EXPECT_EQ(keys.open(sealed, "of run 1"), "the content");
  EXPECT_THROW((void)keys.open(sealed, "of run 2"), Failure);
  keys.retire({first.id});
  EXPECT_EQ(keys.open(sealed, "of run 1"), std::nullopt);
  EXPECT_EQ(keys.find(scope), std::nullopt);
  EXPECT_THAT(keys.retired(), testing::ElementsAre(first.id));
  EXPECT_NE(keys.make(scope).id, first.id);
  keys.destroy_retired();
  EXPECT_THAT(keys.retired(), testing::IsEmpty());
  EXPECT_EQ(SealKeys(path(), Access::kRead).open(sealed, "of run 1"), std::nullopt);
}

}  // namespace
}  // namespace runledger
