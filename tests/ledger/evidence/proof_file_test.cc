// Proofs as files: what is read back, and a thousand changed files that are refused.
#include "ledger/evidence/proof_file.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "ledger/log/merkle.h"
#include "tests/fixtures/data/changed_text.h"
#include "tests/fixtures/models/naive_tree.h"
#include "tests/fixtures/world/answers.h"

namespace runledger {
namespace {

class ProofFile : public testing::Test {
 protected:
  [[nodiscard]] std::string checkpoint(std::size_t size) const { return sign_checkpoint(tree.head(size), signer); }
  [[nodiscard]] std::string event_proof(std::size_t sequence, std::size_t size) const {
    return event_proof_file(leaves.at(sequence - 1), Sequence{sequence},
                            inclusion_proof(tree.source(), sequence - 1, size), checkpoint(size));
  }
  [[nodiscard]] std::string extension_proof(std::size_t old, std::size_t size) const {
    return extension_proof_file(consistency_proof(tree.source(), old, size), checkpoint(old), checkpoint(size));
  }
  [[nodiscard]] std::string code(const std::string& text) const { return code_of(check_proof_file(text, keys)); }

  static std::vector<std::string> made_leaves() {
    std::vector<std::string> made;
    made.reserve(37);
    for (int i = 0; i < 37; ++i) made.push_back("event " + std::to_string(i));
    return made;
  }

  const NoteSigner signer{"runledger/test", Ed25519Key::random()};
  const std::vector<NoteVerifier> keys{signer.verifier()};
  const std::vector<std::string> leaves = made_leaves();
  const NaiveTree tree{leaves};
};

TEST_F(ProofFile, OfAnEventTellsItsBytesAndItsPlace) {
  for (const std::size_t size : {1U, 2U, 21U, 37U}) {
    for (std::size_t sequence = 1; sequence <= size; ++sequence) {
      const Proven proven = *check_proof_file(event_proof(sequence, size), keys);
      const auto& event = std::get<ProvenEvent>(proven);
      EXPECT_EQ(event.sequence.value, sequence);
      EXPECT_EQ(event.stored, leaves[sequence - 1]);
      EXPECT_EQ(event.checkpoint, (Checkpoint{"runledger/test", tree.head(size)}));
    }
  }
}

TEST_F(ProofFile, OfAnExtensionTellsBothTrees) {
  for (const std::size_t size : {0U, 1U, 8U, 37U}) {
    for (std::size_t old = 0; old <= size; ++old) {
      const Proven proven = *check_proof_file(extension_proof(old, size), keys);
      const auto& extension = std::get<ProvenExtension>(proven);
      EXPECT_EQ(extension.old.tree, tree.head(old));
      EXPECT_EQ(extension.checkpoint.tree, tree.head(size));
    }
  }
}

TEST_F(ProofFile, OfAnotherEventOrPlaceIsRefused) {
  const TreeProof proof = inclusion_proof(tree.source(), 4, 37);
  EXPECT_EQ(code(event_proof_file("event 5", Sequence{5}, proof, checkpoint(37))), "proof.wrong");
  EXPECT_EQ(code(event_proof_file("event 4", Sequence{6}, proof, checkpoint(37))), "proof.wrong");
  EXPECT_EQ(code(event_proof_file("event 4", Sequence{38}, proof, checkpoint(37))), "proof.wrong");
  EXPECT_EQ(code(event_proof_file("event 4", Sequence{5}, proof, checkpoint(36))), "proof.wrong");
}

TEST_F(ProofFile, OfAnotherHistoryThatTheTrueKeySignedIsRefused) {
  std::vector<std::string> forged = leaves;
  forged[3] = "a better event";
  const NaiveTree other(forged);
  const std::string resigned = sign_checkpoint(other.head(37), signer);
  EXPECT_EQ(code(extension_proof_file(consistency_proof(other.source(), 21, 37), checkpoint(21), resigned)),
            "proof.wrong");
  EXPECT_EQ(code(extension_proof_file({}, checkpoint(37), resigned)), "proof.wrong");
  EXPECT_EQ(code(extension_proof(21, 37)), "");
}

TEST_F(ProofFile, SignedByAnotherKeyIsRefused) {
  const NoteSigner other{"runledger/test", Ed25519Key::random()};
  const TreeProof proof = inclusion_proof(tree.source(), 4, 37);
  EXPECT_EQ(code(event_proof_file("event 4", Sequence{5}, proof, sign_checkpoint(tree.head(37), other))),
            "note.unsigned");
  const std::string text = "another/origin\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
  EXPECT_EQ(code(event_proof_file("event 4", Sequence{5}, proof, sign_note(text, signer))), "checkpoint.other_origin");
}

TEST_F(ProofFile, WithATextThatIsNoCheckpointIsRefused) {
  const std::string root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
  const std::string texts[] = {"runledger/test\n1\n",
                               "runledger/test\n01\n" + root + "\n",
                               "runledger/test\n-1\n" + root + "\n",
                               "runledger/test\n1\n" + root.substr(4) + "\n",
                               "\n1\n" + root + "\n",
                               "runledger/test\n1\n" + root + "\n\nx\n",
                               "runledger/test\n9223372036854775808\n" + root + "\n"};
  for (const std::string& text : texts)
    EXPECT_EQ(code_of(open_checkpoint(sign_note(text, signer), signer.verifier())), "checkpoint.malformed") << text;
  const std::string extended = sign_note("runledger/test\n1\n" + root + "\nan extension\n", signer);
  EXPECT_EQ(code_of(open_checkpoint(extended, signer.verifier())), "") << "extension lines are allowed";
}

TEST_F(ProofFile, OfAnotherFormIsRefused) {
  const std::string good = event_proof(5, 37);
  const std::string rest = good.substr(good.find('\n') + 1);
  for (const std::string& text :
       {std::string(), std::string("\n"), checkpoint(37), rest, "c2sp.org/tlog-proof@v2\n" + rest,
        good.substr(0, good.find("index")), "runledger/consistency-proof@v1\n" + rest,
        "runledger/consistency-proof@v1\n\n" + checkpoint(37), std::string(kProofBytesMax, 'x') + good,
        "runledger/run-proof@v1\n" + rest, "runledger/run-proof@v1\nrun \n" + rest})
    EXPECT_EQ(code(text), "proof.malformed") << text.substr(0, 100);
}

TEST_F(ProofFile, IsRefusedAfterAnyOfAThousandChanges) {
  std::mt19937 random(20260131);
  const std::string files[] = {event_proof(1, 37), event_proof(20, 37), event_proof(37, 37), extension_proof(21, 37),
                               extension_proof(32, 37)};
  int refused = 0;
  for (int i = 0; i < 1500; ++i) {
    const std::string& file = files[i % 5];
    const std::string other = with_a_change(file, random);
    if (other == file) continue;
    EXPECT_NE(code(other), "") << other;
    ++refused;
  }
  EXPECT_GT(refused, 1000);
}

TEST_F(ProofFile, OfACheckpointIsRefusedAfterAnyOfAThousandChanges) {
  std::mt19937 random(20260201);
  const std::string note = checkpoint(37);
  int refused = 0;
  for (int i = 0; i < 1500; ++i) {
    const std::string other = with_a_change(note, random);
    if (other == note) continue;
    EXPECT_NE(code_of(open_checkpoint(other, signer.verifier())), "") << other;
    ++refused;
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace runledger
