// An audit key that a command keeps: what it signs, and each way in which it does not.
#include "ledger/evidence/signing_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "ledger/evidence/audit_key.h"
#include "ledger/values/sha256.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/log_directory.h"
#include "tests/fixtures/world/signing_script.h"

namespace runledger {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class SigningCommands : public testing::Test {
 protected:
  [[nodiscard]] SigningCommand with(const std::string& command) const {
    return {.command = command, .key = asked.key, .owner = {}};
  }
  // The code with which a command that does this instead does not sign.
  [[nodiscard]] std::string code_of(const std::string& does) const {
    return failure_of([&] { return with(does + " #").sign("text\n"); }).code;
  }

  TemporaryDirectory directory;
  std::string script = make_signing_script(directory.path());
  SigningCommand asked = SigningCommand::ask(script);
};

TEST_F(SigningCommands, SignWhatIsVerified) {
  EXPECT_TRUE(asked.key.verifies("text\n", asked.sign("text\n")));
  EXPECT_EQ(asked.sign("text\n"), asked.sign("text\n"));
  const NoteSigner signer{"runledger/test", asked};
  const std::string note = sign_checkpoint({3, sha256({"x"})}, signer);
  EXPECT_EQ(open_checkpoint(note, signer.verifier())->tree.size, 3U);
}

TEST_F(SigningCommands, ThatDoNotSignHaveACode) {
  EXPECT_EQ(code_of("false"), "signer.failed");
  EXPECT_EQ(code_of("/no/such/command"), "signer.failed");
  EXPECT_EQ(code_of("true"), "signer.failed") << "nothing is written";
  EXPECT_EQ(code_of("echo AAAA; echo BBBB"), "signer.failed");
  EXPECT_EQ(code_of("echo '!'"), "signer.failed") << "this is no base64";
  EXPECT_EQ(code_of("echo AAAA"), "signer.wrong");
  EXPECT_EQ(code_of(make_signing_script(directory.path(), "other") + " sign"), "signer.wrong");
  EXPECT_EQ(code_of("kill -9 $$"), "signer.failed");
  EXPECT_EQ(failure_of([&] { return SigningCommand::ask("echo AAAA #"); }).code, "signer.failed");
  EXPECT_EQ(failure_of([&] { return SigningCommand::ask("/no/such/command"); }).code, "signer.failed");
}

// The command's own children end with it.
TEST_F(SigningCommands, ThatHangEndInTimeWithEverythingTheyStarted) {
  const fs::path pid = directory.path() / "pid";
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(code_of("sh -c 'echo $$ > " + pid.string() + "; sleep 600' & sleep 600; true"), "signer.failed");
  EXPECT_LT(std::chrono::steady_clock::now() - began, kSigningTimeout + std::chrono::seconds(20));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  const std::string process = "/proc/" + std::to_string(std::stoi(read_bytes(pid))) + "/status";
  while (fs::exists(process) && read_bytes(process).find("State:\tZ") == std::string::npos)
    ASSERT_LT(std::chrono::steady_clock::now(), end);
}

TEST_F(SigningCommands, AreRunByTheirOwnerAlone) {
  SigningCommand foreign = asked;
  foreign.owner = ::geteuid() + 1;
  EXPECT_EQ(failure_of([&] { return foreign.sign("text\n"); }).code, "ledger.wrong_user");
}

TEST_F(SigningCommands, AreOneLineOfText) {
  EXPECT_TRUE(parse_signing_command("/bin/sign --key 'ä 1'"));
  EXPECT_EQ(runledger::code_of(parse_signing_command("")), "signer.invalid");
  EXPECT_EQ(runledger::code_of(parse_signing_command("a\nb")), "signer.invalid");
  EXPECT_EQ(runledger::code_of(parse_signing_command(std::string(4097, 'x'))), "signer.invalid");
  EXPECT_EQ(runledger::code_of(parse_signing_command("\xff")), "signer.invalid");
}

class SigningCommandOfALedger : public SigningCommands {
 protected:
  SigningCommandOfALedger() { create_audit_key(here.path, NoteSigner{"runledger/test", asked}); }

  LogDirectory here;
};

TEST_F(SigningCommandOfALedger, IsKeptInPlaceOfTheKey) {
  const NoteSigner read = read_audit_key(here.path);
  EXPECT_EQ(read.verifier(), (NoteVerifier{"runledger/test", asked.key}));
  EXPECT_EQ(std::get<SigningCommand>(read.key).command, script);
  EXPECT_EQ(std::get<SigningCommand>(read.key).owner, ::geteuid());
  EXPECT_THAT(read_bytes(here.path / "audit.key"), HasSubstr("runledger/signer@v1\nrunledger/test+"));
  write_bytes(here.path / "audit.key", "runledger/signer@v1\nrunledger/test+00000000+AAAA\n" + script + "\n");
  EXPECT_EQ(failure_of([&] { return read_audit_key(here.path).name; }).code, "audit_key.damaged");
}

TEST_F(SigningCommandOfALedger, IsNotAskedAgainForWhatItHasSigned) {
  const AuditKey key(here.path);
  const TreeHead tree{0, sha256({""})};
  const std::string note = key.sign(tree);
  fs::remove(script);
  EXPECT_EQ(key.sign(tree), note);
  EXPECT_EQ(failure_of([&] { return key.sign({1, sha256({"x"})}); }).code, "signer.failed");
  EXPECT_EQ(key.last()->tree, tree) << "nothing was remembered";
}

TEST_F(SigningCommandOfALedger, IsRotatedToAnotherAndToAFile) {
  const NoteSigner other{"runledger/test", SigningCommand::ask(make_signing_script(directory.path(), "other"))};
  const NoteSigner in_file{"runledger/test", Ed25519Key::random()};
  AuditKey(here.path).rotate({0, sha256({""})}, other);
  EXPECT_EQ(read_audit_key(here.path).verifier(), other.verifier());
  AuditKey(here.path).rotate({0, sha256({""})}, in_file);
  EXPECT_EQ(read_audit_key(here.path).verifier(), in_file.verifier());
  const std::vector<NoteVerifier> keys = audit_keys(here.path);
  ASSERT_EQ(keys.size(), 3U);
  EXPECT_EQ(keys.front().key, asked.key);
  EXPECT_EQ(keys[1], other.verifier());
}

// A kill between the steps of a rotation.
TEST_F(SigningCommandOfALedger, IsPutInPlaceByWhoeverUsesTheKeyNext) {
  const NoteSigner before = read_audit_key(here.path);
  const NoteSigner next{"runledger/test", SigningCommand::ask(make_signing_script(directory.path(), "other"))};
  const std::string note = sign_rotation({0, sha256({""})}, before, next);
  write_bytes(here.path / "audit.key.next", next.format() + "\n");
  fs::permissions(here.path / "audit.key.next", fs::perms::owner_read | fs::perms::owner_write);
  write_bytes(here.path / "audit.rotations", with_rotation("", note));
  EXPECT_EQ(AuditKey(here.path).signer().verifier(), next.verifier());
  EXPECT_EQ(read_audit_key(here.path).verifier(), next.verifier());
}

}  // namespace
}  // namespace runledger
