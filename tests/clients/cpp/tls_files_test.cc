// Tests which certificates and keys are accepted, and the messages about the others.
#include "clients/cpp/tls_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <fstream>

#include "ledger/base/failure.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/certificates.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using testing::HasSubstr;
using testing::Not;
using Term = CertificateAuthority::Term;

class CertificateFiles : public testing::Test {
 protected:
  TemporaryDirectory directory;
  CertificateAuthority authority{directory.path(), "ca"};
  CertificateAuthority::Issued good = authority.issue("DNS:localhost");

  [[nodiscard]] std::string file(const std::string& name, const std::string& content) const {
    const std::string path = (directory.path() / name).string();
    std::ofstream(path) << content;
    ::chmod(path.c_str(), S_IRUSR | S_IWUSR);
    return path;
  }
  static std::string content(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  // Returns the code of the refusal, and puts its message into `said`.
  static std::string refused(const TlsFiles& files, std::string* said = nullptr) {
    try {
      (void)read_tls(files);
      return "taken";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.remedy(), Remedy::kCorrectInput);
      if (said != nullptr) *said = failure.what();
      return failure.code();
    }
  }
};

TEST_F(CertificateFiles, AreReadWhole) {
  const TlsIdentity identity =
      read_tls({.certificate = good.certificate, .key = good.key, .authorities = authority.file()});
  EXPECT_EQ(content(good.certificate), identity.certificate);
  EXPECT_EQ(content(good.key), identity.key);
  ASSERT_EQ(identity.authorities.size(), 1U);
  EXPECT_EQ(content(authority.file()), identity.authorities.front());
  EXPECT_LT(identity.begins_at, identity.ends_at);
}

TEST_F(CertificateFiles, AllAuthoritiesOfAFileCount) {
  const CertificateAuthority another(directory.path(), "another");
  const std::string both =
      file("both.pem", "# ours\n" + content(authority.file()) + "\n# theirs\n" + content(another.file()));
  EXPECT_EQ(read_tls({.certificate = {}, .key = {}, .authorities = both}).authorities.size(), 2U);
}

TEST_F(CertificateFiles, NothingNamedIsNothingRead) {
  const TlsIdentity identity = read_tls({});
  EXPECT_EQ(identity.certificate, "");
  EXPECT_TRUE(identity.authorities.empty());
}

TEST_F(CertificateFiles, WhatCannotBeReadIsRefused) {
  const std::string large = file("large.pem", std::string(1024 * 1024 + 1, 'x'));
  for (const std::string& bad : {std::string("/nowhere"), directory.path().string(), large}) {
    EXPECT_EQ(refused({.certificate = bad, .key = good.key, .authorities = {}}), "tls.unreadable") << bad;
    EXPECT_EQ(refused({.certificate = {}, .key = {}, .authorities = bad}), "tls.unreadable") << bad;
  }
  EXPECT_EQ(refused({.certificate = good.certificate, .key = "/nowhere", .authorities = {}}), "tls.unreadable");
}

TEST_F(CertificateFiles, NobodyWaitsForAPipe) {
  const std::string pipe = (directory.path() / "pipe").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), S_IRUSR | S_IWUSR), 0);
  for (const TlsFiles& files : {TlsFiles{.certificate = pipe, .key = good.key, .authorities = {}},
                                TlsFiles{.certificate = good.certificate, .key = pipe, .authorities = {}},
                                TlsFiles{.certificate = {}, .key = {}, .authorities = pipe}}) {
    std::string said;
    EXPECT_EQ(refused(files, &said), "tls.unreadable");
    EXPECT_THAT(said, HasSubstr("no regular file"));
  }
}

TEST_F(CertificateFiles, WhatIsNoneIsRefused) {
  for (const std::string& bad : {file("empty.pem", ""), file("text.pem", "no certificate"), good.key}) {
    EXPECT_EQ(refused({.certificate = bad, .key = good.key, .authorities = {}}), "tls.certificate_invalid") << bad;
    EXPECT_EQ(refused({.certificate = {}, .key = {}, .authorities = bad}), "tls.authorities_invalid") << bad;
  }
  for (const std::string& bad : {file("empty.key", ""), file("text.key", "no key"), good.certificate}) {
    ::chmod(bad.c_str(), S_IRUSR | S_IWUSR);
    EXPECT_EQ(refused({.certificate = good.certificate, .key = bad, .authorities = {}}), "tls.key_invalid") << bad;
  }
}

TEST_F(CertificateFiles, AnEncryptedKeyIsRefusedWithoutAskingForItsPassword) {
  const std::string path = file("encrypted.key", "");
  EVP_PKEY* key = EVP_EC_gen("P-256");
  std::FILE* out = std::fopen(path.c_str(), "we");
  char password[] = "correct horse";
  EXPECT_EQ(PEM_write_PrivateKey(out, key, EVP_aes_256_cbc(), nullptr, 0, nullptr, password), 1);
  std::fclose(out);
  EVP_PKEY_free(key);
  EXPECT_EQ(refused({.certificate = good.certificate, .key = path, .authorities = {}}), "tls.key_invalid");
}

TEST_F(CertificateFiles, AKeyOfAnotherCertificateIsRefused) {
  const auto other = authority.issue("DNS:localhost");
  EXPECT_EQ(refused({.certificate = good.certificate, .key = other.key, .authorities = {}}), "tls.key_mismatch");
}

TEST_F(CertificateFiles, AKeyThatNobodyWouldTrustIsRefused) {
  const auto weak = authority.issue_weak("DNS:localhost");
  std::string said;
  EXPECT_EQ(refused({.certificate = weak.certificate, .key = weak.key, .authorities = {}}, &said),
            "tls.certificate_invalid");
  EXPECT_THAT(said, HasSubstr("too small"));
}

TEST_F(CertificateFiles, AKeyThatIsOpenToOthersIsRefused) {
  for (const mode_t open : {mode_t{S_IROTH}, mode_t{S_IWOTH}}) {
    ::chmod(good.key.c_str(), S_IRUSR | S_IWUSR | open);
    EXPECT_EQ(refused({.certificate = good.certificate, .key = good.key, .authorities = {}}), "tls.key_exposed");
  }
  ::chmod(good.key.c_str(), S_IRUSR | S_IRGRP);
  EXPECT_EQ(refused({.certificate = good.certificate, .key = good.key, .authorities = {}}), "taken")
      << "a group such as ssl-cert may read the key";
}

TEST_F(CertificateFiles, NothingOfAKeyIsSaid) {
  const std::string secret = content(good.key).substr(40, 60);
  std::string said;
  EXPECT_EQ(refused({.certificate = good.certificate,
                     .key = file("bad.key", "-----BEGIN PRIVATE KEY-----\n" + secret),
                     .authorities = {}},
                    &said),
            "tls.key_invalid");
  EXPECT_THAT(said, Not(HasSubstr(secret.substr(0, 10))));
  EXPECT_EQ(refused({.certificate = good.key, .key = good.key, .authorities = {}}, &said), "tls.certificate_invalid");
  EXPECT_THAT(said, Not(HasSubstr(secret.substr(0, 10))));
}

TEST_F(CertificateFiles, ACertificateIsInForceFromItsBeginningToItsEnd) {
  const TlsFiles files{.certificate = good.certificate, .key = good.key, .authorities = {}};
  const TlsIdentity identity = read_tls(files);
  const auto refused_at = [&](Time now) { return failure_of([&] { require_in_force(files, identity, now); }).code; };
  const Duration second = std::chrono::seconds(1);
  EXPECT_EQ(refused_at(identity.begins_at - second), "tls.certificate_expired");
  EXPECT_EQ(refused_at(identity.begins_at), "");
  EXPECT_EQ(refused_at(identity.ends_at - second), "");
  EXPECT_EQ(refused_at(identity.ends_at), "tls.certificate_expired");
  EXPECT_EQ(refused_at(SystemClock().now()), "");
}

}  // namespace
}  // namespace runledger
