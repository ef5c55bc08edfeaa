// Cosignatures in the note that a ledger remembers: one of each witness, whoever was asked when.
#include "ledger/evidence/cosignature.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "ledger/base/big_endian.h"
#include "ledger/evidence/audit_key.h"
#include "ledger/values/base64.h"
#include "ledger/values/sha256.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/log_directory.h"

namespace runledger {
namespace {

using testing::SizeIs;

struct TestWitness {
  std::string name;
  Ed25519Key key = Ed25519Key::random();

  [[nodiscard]] WitnessKey verifier() const { return {name, key.public_key()}; }
  // Returns the line that it adds to a note at that time.
  [[nodiscard]] std::string cosign(std::string_view note, std::uint64_t time) const {
    const std::string_view text = note.substr(0, note.find("\n\n") + 1);
    std::string bytes = key_id(name, SignatureKind::kCosignature, key.public_key());
    append_big_endian(bytes, time);
    bytes += key.sign(fmt::format("cosignature/v1\ntime {}\n{}", time, text));
    return fmt::format("{}{} {}\n", kSignatureStart, name, format_base64(bytes));
  }
};

class Cosigned : public testing::Test {
 protected:
  [[nodiscard]] static std::vector<NoteSignature> signatures_of(std::string_view note) {
    return parse_signatures(note.substr(note.find("\n\n") + 2)).value_or(std::vector<NoteSignature>());
  }
  [[nodiscard]] static std::uint64_t time_of(const std::string& note, const TestWitness& witness) {
    const auto found = find_cosignature(note, cosignatures_of(note), witness.verifier());
    return found ? found->unix_time : 0;
  }

  const LogDirectory here{LogDirectory::Disk::kMemory};
  const NoteSigner signer = create_audit_key(here.path, "runledger/test");
  const AuditKey key{here.path};
  const TreeHead tree{5, sha256({"five"})};
  const std::string note = key.sign(tree);
  const TestWitness first{"witness.example/first"};
  const TestWitness second{"witness.example/second"};
};

TEST_F(Cosigned, ByTheSameWitnessAgainHasItsNewestCosignatureOnly) {
  for (std::uint64_t time = 1; time <= 120; ++time) {
    const std::string last = key.sign(tree);
    const std::optional<std::string> merged = key.remember_cosigned(last, first.cosign(last, time));
    EXPECT_EQ(merged, key.sign(tree));
    ASSERT_TRUE(key.last()) << "it stays a note";
  }
  EXPECT_THAT(signatures_of(key.sign(tree)), SizeIs(2));
  EXPECT_EQ(time_of(key.sign(tree), first), 120U);
}

TEST_F(Cosigned, ByOneWitnessAfterAnotherKeepsBoth) {
  (void)key.remember_cosigned(note, first.cosign(note, 7));
  const std::string both = *key.remember_cosigned(note, second.cosign(note, 8));
  EXPECT_EQ(key.sign(tree), both);
  EXPECT_THAT(signatures_of(both), SizeIs(3));
  EXPECT_EQ(time_of(both, first), 7U);
  EXPECT_EQ(time_of(both, second), 8U);
  EXPECT_EQ(open_checkpoint(both, signer.verifier())->tree, tree);
}

TEST_F(Cosigned, ByMoreWitnessesThanANoteHoldsStaysANote) {
  for (std::uint64_t i = 0; i < 110; ++i) {
    const TestWitness witness{"witness.example/" + std::to_string(i)};
    ASSERT_EQ(time_of(*key.remember_cosigned(note, witness.cosign(note, i + 1)), witness), i + 1);
    ASSERT_TRUE(key.last());
  }
  EXPECT_THAT(signatures_of(key.sign(tree)), SizeIs(100));
}

TEST_F(Cosigned, WhenAnotherTreeWasSignedSinceIsNotRemembered) {
  const std::string newer = key.sign({6, sha256({"six"})});
  EXPECT_EQ(key.remember_cosigned(note, first.cosign(note, 1)), std::nullopt);
  EXPECT_EQ(key.sign({6, sha256({"six"})}), newer);
}

TEST_F(Cosigned, KeepsTheTimeOfTheLedgersSignature) {
  const std::filesystem::path file = here.path / "audit.checkpoint";
  std::filesystem::last_write_time(file, std::filesystem::last_write_time(file) - std::chrono::hours(5));
  const Time before = key.last_signed_at();
  (void)key.remember_cosigned(note, first.cosign(note, 1));
  EXPECT_EQ(key.last_signed_at(), before);
}

}  // namespace
}  // namespace runledger
