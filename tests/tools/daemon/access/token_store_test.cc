// Access tokens: what the store keeps of them, and when they are accepted.
#include "tools/daemon/access/token_store.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

#include "ledger/base/failure.h"
#include "ledger/secrets/detector.h"
#include "ledger/values/sha256.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

class Tokens : public testing::Test {
 protected:
  TemporaryDirectory directory;
  TokenStore store{directory.path()};
  Time now = examples::at(0);
  Grant grant{.workspace = examples::workspace(), .tenant = {}, .rights = {Right::kRequest, Right::kWork}};

  TokenStore::Issued issue(std::optional<Time> expires_at = {}) { return *store.issue(grant, expires_at, now); }
  std::optional<Grant> find(std::string_view secret) {
    const std::optional<AccessToken> found = store.find(secret, now);
    return found ? std::optional(found->grant) : std::nullopt;
  }
};

TEST_F(Tokens, LetTheirBearerDoWhatTheyWereIssuedFor) {
  const TokenStore::Issued issued = issue();
  EXPECT_EQ(find(issued.secret), grant);
}

TEST_F(Tokens, AreNotGuessedFromTheirIdOrTheirBeginning) {
  const TokenStore::Issued issued = issue();
  for (const std::string& guess : {std::string(), format_uuid(issued.token.id.value), issued.secret.substr(0, 67),
                                   issued.secret + "0", "rlt_" + std::string(64, '0')}) {
    EXPECT_EQ(find(guess), std::nullopt) << guess;
  }
}

TEST_F(Tokens, AreKeptAsDigestsInAFileOfTheOwners) {
  const TokenStore::Issued issued = issue();
  const std::filesystem::path file = directory.path() / "access-tokens";
  EXPECT_EQ(read_file(file).find(issued.secret.substr(4)), std::string::npos);
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(Tokens, AreSecretsToTheSanitiser) {
  EXPECT_TRUE(contains_secret("the worker said " + issue().secret));
}

TEST_F(Tokens, EndAtTheirTime) {
  const TokenStore::Issued issued = issue(examples::at(1000));
  EXPECT_TRUE(store.find(issued.secret, examples::at(999)));
  EXPECT_FALSE(store.find(issued.secret, examples::at(1000)));
}

// Short-lived ones are replaced as a matter of course, so their ends are no news.
TEST_F(Tokens, ThatWereIssuedForLongTellWhenTheFirstOfThemEnds) {
  const auto in_days = [this](int days) { return now + std::chrono::hours(24 * days); };
  EXPECT_EQ(store.first_end(now), std::nullopt);
  (void)issue();
  (void)issue(in_days(13));
  EXPECT_EQ(store.first_end(now), std::nullopt);
  (void)issue(in_days(30));
  const TokenStore::Issued first = issue(in_days(14));
  EXPECT_EQ(store.first_end(now), in_days(14));
  EXPECT_EQ(store.first_end(in_days(14)), in_days(30)) << "that one is over";
  (void)store.rotate(first.token.id, std::chrono::hours(1), {}, now);
  EXPECT_EQ(store.first_end(now), in_days(14)) << "the one that was replaced is no news, only the one that follows it";
}

TEST_F(Tokens, ThatAreOverAreDroppedWhenAnotherIsIssued) {
  (void)issue(examples::at(1000));
  now = examples::at(2000);
  (void)issue();
  EXPECT_EQ(store.list().size(), 1U);
}

TEST_F(Tokens, EndAtOnceWhenAnotherProcessRevokesThem) {
  const TokenStore::Issued issued = issue();
  const TokenStore::Issued other = issue();
  ASSERT_TRUE(store.find(issued.secret, now));
  EXPECT_EQ(TokenStore(directory.path()).revoke(issued.token.id), std::nullopt);
  EXPECT_FALSE(store.find(issued.secret, now));
  EXPECT_TRUE(store.find(other.secret, now));
}

// A store recognises a changed file by its inode and its time, and the latter does not move during a tick of the clock.
TEST_F(Tokens, AreReadFromAFileWhoseInodeNoLaterFileGets) {
  const auto inode = [&] {
    struct stat status {};
    EXPECT_EQ(::stat((directory.path() / "access-tokens").c_str(), &status), 0);
    return status.st_ino;
  };
  TokenStore other(directory.path());
  for (int i = 0; i < 20; ++i) {
    const TokenStore::Issued issued = issue();
    ASSERT_TRUE(store.find(issued.secret, now));
    const auto known = inode();
    (void)*other.issue(grant, {}, now);
    ASSERT_EQ(other.revoke(issued.token.id), std::nullopt);
    EXPECT_NE(inode(), known);
    EXPECT_FALSE(store.find(issued.secret, now));
  }
}

// Several processes issue and revoke while a daemon looks tokens up. Each process has a store of its own, as here each
// thread.
TEST_F(Tokens, AreAllKeptWhenManyChangeThemAtOnce) {
  constexpr int kChangers = 4;
  constexpr int kChanges = 4;
  const TokenStore::Issued before = issue();
  std::atomic<int> changing = kChangers;
  std::vector<std::thread> changers;
  std::array<std::vector<TokenStore::Issued>, kChangers> kept;
  std::array<std::vector<TokenStore::Issued>, kChangers> revoked;
  for (std::size_t changer = 0; changer < kChangers; ++changer) {
    changers.emplace_back([&, changer] {
      TokenStore own(directory.path());
      for (int i = 0; i < kChanges; ++i) {
        kept[changer].push_back(*own.issue(grant, {}, now));
        revoked[changer].push_back(*own.issue(grant, {}, now));
        EXPECT_EQ(own.revoke(revoked[changer].back().token.id), std::nullopt);
      }
      --changing;
    });
  }
  while (changing > 0) EXPECT_TRUE(store.is_in_force(before.token.id, now));
  for (std::thread& changer : changers) changer.join();
  EXPECT_EQ(store.list().size(), 1U + kChangers * kChanges);
  for (const auto& tokens : kept) {
    for (const TokenStore::Issued& token : tokens) EXPECT_TRUE(store.find(token.secret, now));
  }
  for (const auto& tokens : revoked) {
    for (const TokenStore::Issued& token : tokens) EXPECT_FALSE(store.find(token.secret, now));
  }
}

TEST_F(Tokens, AreInForceFromTheirIssueToTheirEnd) {
  const TokenStore::Issued revoked = issue();
  const TokenStore::Issued other = issue(examples::at(1000));
  for (const TokenId id : {revoked.token.id, other.token.id}) EXPECT_TRUE(store.is_in_force(id, now));
  EXPECT_EQ(TokenStore(directory.path()).revoke(revoked.token.id), std::nullopt);
  EXPECT_FALSE(store.is_in_force(revoked.token.id, now));
  EXPECT_TRUE(store.is_in_force(other.token.id, examples::at(999)));
  EXPECT_FALSE(store.is_in_force(other.token.id, examples::at(1000)));
}

TEST_F(Tokens, KeepTheirNameAcrossProcesses) {
  (void)*store.issue(grant, {}, now, "ci @ build/1");
  (void)issue();
  const std::vector<AccessToken> listed = TokenStore(directory.path()).list();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].name, "ci @ build/1");
  EXPECT_EQ(listed[1].name, std::nullopt);
}

TEST_F(Tokens, HaveNamesThatPeopleCanReadInAList) {
  EXPECT_TRUE(parse_token_name(std::string(64, 'x')));
  for (const std::string& name : {std::string(), std::string(65, 'x'), std::string(" x"), std::string("x "),
                                  std::string("a\nb"), std::string("\x1b[31m"), std::string("\u00e9")})
    EXPECT_EQ(parse_token_name(name).rejection().code, "token_name.invalid") << name;
}

// As written before tokens had names.
TEST_F(Tokens, OfAnOlderFileAreRead) {
  const std::filesystem::path path = directory.path() / "access-tokens";
  const std::string secret = "rlt_" + std::string(64, '0');
  std::FILE* const file = std::fopen(path.c_str(), "w");
  fmt::print(file,
             R"({{"tokens":[{{"id":"5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11","sha256":"{}","workspace":"acme",)"
             R"("rights":["request","work"],"issued_at":"2020-01-01T00:00:00Z"}}]}})",
             format_hex(bytes_of(sha256({secret}))));
  std::fclose(file);
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  EXPECT_EQ(find(secret), grant);
  (void)issue();
  EXPECT_EQ(find(secret), grant) << "after the file was written anew";
}

TEST_F(Tokens, ThatAreRotatedOverlapWithTheirSuccessors) {
  grant.tenant = examples::tenant();
  const TokenStore::Issued old = *store.issue(grant, {}, now, "ci");
  const TokenStore::Issued renewed = *store.rotate(old.token.id, std::chrono::seconds(1), {}, now);
  EXPECT_NE(renewed.secret, old.secret);
  EXPECT_NE(renewed.token.id, old.token.id);
  EXPECT_EQ(renewed.token.name, "ci");
  EXPECT_EQ(renewed.token.grant, grant);
  EXPECT_EQ(renewed.token.expires_at, std::nullopt);
  EXPECT_EQ(find(old.secret), grant);
  now = now + std::chrono::seconds(1);
  EXPECT_EQ(find(old.secret), std::nullopt);
  EXPECT_FALSE(store.is_in_force(old.token.id, now));
  EXPECT_EQ(find(renewed.secret), grant);
}

TEST_F(Tokens, ThatAreRotatedWithoutAnOverlapEndAtOnce) {
  const TokenStore::Issued old = issue();
  const TokenStore::Issued renewed = *store.rotate(old.token.id, {}, {}, now);
  EXPECT_EQ(find(old.secret), std::nullopt);
  EXPECT_EQ(find(renewed.secret), grant);
  EXPECT_EQ(store.list().size(), 1U);
  EXPECT_EQ(store.rotate(old.token.id, {}, {}, now).rejection().code, "token.not_found");
}

TEST_F(Tokens, ThatAreRotatedLastAsLongAsBeforeAndNeverEndLater) {
  const TokenStore::Issued old = issue(now + std::chrono::hours(10));
  now = now + std::chrono::hours(9);
  const TokenStore::Issued renewed = *store.rotate(old.token.id, std::chrono::hours(5), {}, now);
  EXPECT_EQ(renewed.token.expires_at, now + std::chrono::hours(10));
  EXPECT_EQ(store.list().front().expires_at, now + std::chrono::hours(1));
  const Time chosen = now + std::chrono::hours(2);
  EXPECT_EQ(store.rotate(renewed.token.id, {}, chosen, now)->token.expires_at, chosen);
  now = now + std::chrono::hours(1);
  EXPECT_EQ(store.rotate(old.token.id, {}, {}, now).rejection().code, "token.not_found") << "it has expired";
}

TEST_F(Tokens, OfNoSuchIdCannotBeRevoked) {
  EXPECT_EQ(store.revoke(TokenId{random_uuid()})->code, "token.not_found");
}

TEST_F(Tokens, KeepTenantAndExpiryAcrossProcesses) {
  grant.tenant = examples::tenant();
  const TokenStore::Issued issued = issue(examples::at(5000));
  const std::vector<AccessToken> listed = TokenStore(directory.path()).list();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed.front().id, issued.token.id);
  EXPECT_EQ(listed.front().grant, grant);
  EXPECT_EQ(listed.front().expires_at, examples::at(5000));
}

TEST_F(Tokens, OfADamagedFileLetNobodyIn) {
  const TokenStore::Issued issued = issue();
  for (const char* content : {"", "{}", "{\"tokens\":[{}]}", "{\"tokens\":[{\"id\":1}]}"}) {
    std::filesystem::remove(directory.path() / "access-tokens");
    std::FILE* file = std::fopen((directory.path() / "access-tokens").c_str(), "w");
    std::fputs(content, file);
    std::fclose(file);
    ASSERT_EQ(::chmod((directory.path() / "access-tokens").c_str(), 0600), 0);
    EXPECT_EQ(failure_of([&] { return store.find(issued.secret, now); }).code, "tokens.damaged") << content;
  }
}

TEST_F(Tokens, ThatOthersMayReadOrThatAreALinkLetNobodyIn) {
  const TokenStore::Issued issued = issue();
  const std::filesystem::path file = directory.path() / "access-tokens";
  ASSERT_EQ(::chmod(file.c_str(), 0666), 0);
  EXPECT_EQ(failure_of([&] { return store.find(issued.secret, now); }).code, "ledger.insecure");
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  EXPECT_EQ(find(issued.secret), grant);
  std::filesystem::rename(file, directory.path() / "elsewhere");
  std::filesystem::create_symlink("elsewhere", file);
  EXPECT_EQ(failure_of([&] { return store.find(issued.secret, now); }).code, "ledger.insecure");
}

TEST_F(Tokens, ThatRootIssuesBelongToTheOwnerOfTheLedger) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can work in another user's ledger";
  constexpr uid_t kNobody = 65534;
  ASSERT_EQ(::chown(directory.path().c_str(), kNobody, kNobody), 0);
  (void)issue();
  for (const char* name : {"access-tokens", "access-tokens.lock"}) {
    struct stat status {};
    ASSERT_EQ(::stat((directory.path() / name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_uid, kNobody) << name;
  }
}

TEST_F(Tokens, AreNotIssuedByAnotherUserThanTheOwnerOrRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can act as another user";
  constexpr uid_t kNobody = 65534;
  const TokenStore::Issued issued = issue();
  ASSERT_EQ(::chmod(directory.path().c_str(), 0755), 0);
  ASSERT_EQ(::seteuid(kNobody), 0);
  const std::string of_issue = failure_of([&] { return store.issue(grant, {}, now); }).code;
  const std::string of_revoke = failure_of([&] { return store.revoke(issued.token.id); }).code;
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_EQ(of_issue, "ledger.wrong_user");
  EXPECT_EQ(of_revoke, "ledger.wrong_user");
  EXPECT_EQ(find(issued.secret), grant);
}

TEST_F(Tokens, ThatRootIssuesGiveAwayNoFileThatWasThere) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can work in another user's ledger";
  constexpr uid_t kNobody = 65534;
  const TemporaryDirectory of_root;
  const std::filesystem::path precious = of_root.path() / "precious";
  ASSERT_NE(std::fclose(std::fopen(precious.c_str(), "w")), EOF);
  std::filesystem::create_hard_link(precious, directory.path() / "access-tokens.lock");
  ASSERT_EQ(::chown(directory.path().c_str(), kNobody, kNobody), 0);
  (void)issue();
  struct stat status {};
  ASSERT_EQ(::stat(precious.c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 0U);
}

TEST_F(Tokens, AreNotWrittenThroughALinkThatSomebodyPutThere) {
  const std::filesystem::path target = directory.path() / "precious";
  std::filesystem::create_symlink(target, directory.path() / "access-tokens.new");
  EXPECT_EQ(find(issue().secret), grant);
  EXPECT_FALSE(std::filesystem::exists(target));
}

}  // namespace
}  // namespace runledger
