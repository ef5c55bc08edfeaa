// Rotations of the audit key: chains that lead from an old key to the newest, and what is no such chain.
#include "ledger/evidence/key_rotation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "ledger/evidence/audit_key.h"
#include "ledger/values/sha256.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/log_directory.h"

namespace runledger {
namespace {

using testing::ElementsAre;

class Rotations : public testing::Test {
 protected:
  static NoteSigner made() { return {"runledger/test", Ed25519Key::random()}; }
  static std::string code(std::string_view file) { return code_of(open_rotations(file)); }

  const NoteSigner first = made();
  const NoteSigner second = made();
  const NoteSigner third = made();
  const TreeHead five{5, sha256({"five"})};
  const TreeHead nine{9, sha256({"nine"})};
  const std::string to_second = sign_rotation(five, first, second);
  const std::string to_third = sign_rotation(nine, second, third);
  const std::string file = with_rotation(with_rotation("", to_second), to_third);
};

TEST_F(Rotations, LeadFromAnOldKeyToTheNewest) {
  const std::vector<KeyRotation> rotations = *open_rotations(file);
  ASSERT_EQ(rotations.size(), 2U);
  EXPECT_EQ(rotations[0].checkpoint.tree, five);
  EXPECT_EQ(rotations[1].checkpoint.tree, nine);
  EXPECT_EQ(rotations[1].note, to_third);
  EXPECT_THAT(keys_after(rotations, first.verifier()),
              ElementsAre(first.verifier(), second.verifier(), third.verifier()));
  EXPECT_THAT(keys_after(rotations, second.verifier()), ElementsAre(second.verifier(), third.verifier()));
  EXPECT_THAT(keys_after(rotations, third.verifier()), ElementsAre(third.verifier()));
  EXPECT_THAT(keys_before(rotations, third.verifier()),
              ElementsAre(first.verifier(), second.verifier(), third.verifier()));
  EXPECT_THAT(keys_before(rotations, second.verifier()), ElementsAre(second.verifier()));
  EXPECT_TRUE(open_rotations("")->empty());
}

TEST_F(Rotations, AreCheckpointsForReadersOfEitherKey) {
  EXPECT_EQ(open_checkpoint(to_second, first.verifier())->tree, five);
  EXPECT_EQ(open_checkpoint(to_second, second.verifier())->tree, five);
  EXPECT_EQ(code_of(open_checkpoint(to_second, third.verifier())), "note.unsigned");
}

TEST_F(Rotations, ThatAnotherKeySignedAreRefused) {
  // The thief of the new key alone cannot say that the old one led to it, nor the other way round.
  const std::string text = to_second.substr(0, to_second.find("\n\n") + 1);
  EXPECT_EQ(code(with_rotation("", sign_note(text, second))), "note.unsigned");
  EXPECT_EQ(code(with_rotation("", sign_note(text, first))), "note.unsigned");
  EXPECT_EQ(code(with_rotation("", sign_note(text, third))), "note.unsigned");
}

TEST_F(Rotations, WithAGapOrAnotherTextAreRefused) {
  const std::string plain = sign_checkpoint(five, first);
  EXPECT_EQ(code(with_rotation("", plain)), "rotation.malformed");
  EXPECT_EQ(code(with_rotation(with_rotation("", to_third), to_second)), "rotation.malformed");
  EXPECT_EQ(code(with_rotation(with_rotation("", to_second), sign_rotation(nine, third, first))), "rotation.malformed");
  for (const std::string& wrong : {std::string("nonsense"), to_second, std::string("runledger/rotations@v1\n"),
                                   "runledger/rotations@v2" + file.substr(22), file + "\n"})
    EXPECT_EQ(code(wrong), "rotation.malformed") << wrong;
}

TEST_F(Rotations, AreRefusedAfterAnyOfAThousandChanges) {
  std::mt19937 random(15);
  for (int i = 0; i < 1000; ++i) {
    std::string changed = file;
    const std::size_t at = random() % changed.size();
    changed[at] = static_cast<char>(changed[at] ^ static_cast<char>(1U << random() % 8));
    EXPECT_NE(code(changed), "") << changed;
  }
}

TEST(AuditKeyRotation, IsRefusedWhenTheRotationsLeadToAnotherKey) {
  const TemporaryDirectory directory;
  const std::filesystem::path key = directory.path() / "audit.key";
  (void)create_audit_key(directory.path(), "runledger/test");
  const TreeHead five{5, sha256({"five"})};
  const auto rotate = [&] {
    AuditKey(directory.path()).rotate(five, {"runledger/test", Ed25519Key::random()});
    return 0;
  };
  (void)rotate();
  const std::string rotations = read_bytes(directory.path() / "audit.rotations");
  std::filesystem::remove(key);
  std::filesystem::remove(directory.path() / "audit.checkpoint");
  const NoteVerifier other = create_audit_key(directory.path(), "runledger/test").verifier();
  EXPECT_EQ(failure_of(rotate).code, "audit_key.damaged");
  EXPECT_EQ(read_audit_key(directory.path()).verifier(), other);
  EXPECT_EQ(read_bytes(directory.path() / "audit.rotations"), rotations);
}

}  // namespace
}  // namespace runledger
