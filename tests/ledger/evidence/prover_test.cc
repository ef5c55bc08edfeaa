// Checkpoints and proofs of a log, and what a log that does not extend its last checkpoint may not sign.
#include "ledger/evidence/prover.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/stat.h>

#include <filesystem>

#include "ledger/evidence/proof_file.h"
#include "ledger/log/codec.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/log_directory.h"

namespace runledger {
namespace {

class ProverTest : public testing::Test {
 protected:
  void append(std::size_t count) { here.append(maker.next(count)); }
  [[nodiscard]] std::string sign() const { return Prover(*here.log).checkpoint(key); }
  [[nodiscard]] Checkpoint opened(const std::string& note) const { return *open_checkpoint(note, signer.verifier()); }
  [[nodiscard]] Proven proven(const Result<std::string>& file) const { return *check_proof_file(*file, keys); }
  // Signs a tree that the log never had.
  void remember(const TreeHead& tree) const { (void)key.sign(tree); }

  LogDirectory here{LogDirectory::Disk::kMemory};
  const NoteSigner signer = create_audit_key(here.path, "runledger/test");
  const std::vector<NoteVerifier> keys{signer.verifier()};
  const AuditKey key{here.path};
  EventMaker maker;
};

TEST_F(ProverTest, SignsTheSizeAndRootOfTheLog) {
  EXPECT_EQ(opened(sign()).tree.size, 0U);
  append(5);
  const std::string note = sign();
  EXPECT_EQ(opened(note), (Checkpoint{"runledger/test", {5, here.log->head().tree.root()}, opened(note).scopes}));
  EXPECT_TRUE(opened(note).scopes);
  EXPECT_EQ(sign(), note) << "the same tree gives the same note";
  append(600);
  EXPECT_EQ(opened(sign()).tree.size, 605U);
  EXPECT_EQ(key.last()->tree.size, 605U);
}

TEST_F(ProverTest, ProvesEveryEventByItsStoredBytes) {
  append(300);
  const Prover prover(*here.log);
  for (const std::uint64_t sequence : {1U, 2U, 255U, 256U, 257U, 300U}) {
    const Proven found = proven(prover.prove_event(Sequence{sequence}, key));
    const auto& event = std::get<ProvenEvent>(found);
    EXPECT_EQ(decode(event.sequence, event.stored), here.log->find(Sequence{sequence}));
  }
  EXPECT_EQ(code_of(prover.prove_event(Sequence{301}, key)), "event.not_found");
  EXPECT_EQ(code_of(prover.prove_event(Sequence{}, key)), "event.not_found");
}

TEST_F(ProverTest, ProvesTheEventsOfARunFromItsFirstOneOn) {
  append(8);
  const RunId run = here.log->find(Sequence{4})->run;
  const Proven found = proven(Prover(*here.log).prove_run(run, key));
  const auto& of_run = std::get<ProvenRun>(found);
  EXPECT_EQ(of_run.run, run);
  EXPECT_EQ(of_run.events, here.log->read_run(run, here.log->last()));
  EXPECT_EQ(of_run.events.size(), 3U);
  EXPECT_EQ(of_run.checkpoint.tree, Prover(*here.log).tree());
  EXPECT_EQ(code_of(Prover(*here.log).prove_run(RunId{}, key)), "run.not_found");
}

// Every event in these files is in the log, and the true key has signed.
TEST_F(ProverTest, OfARunWithoutAnEventOrWithAnotherOneIsRefused) {
  append(9);
  const Prover prover(*here.log);
  const auto lines_of_run = [&](std::uint64_t sequence) {
    const std::string file = *prover.prove_run(here.log->find(Sequence{sequence})->run, key);
    std::vector<std::string> parts;  // The head, each event, and the checkpoint.
    for (std::size_t from = 0, next = 0; next != std::string::npos; from = next) {
      next = parts.empty() ? file.find("extra ") : file.find("\n\n", from) + 2;
      if (parts.size() > 3) next = std::string::npos;
      parts.push_back(file.substr(from, next - from));
    }
    return parts;
  };
  const std::vector<std::string> good = lines_of_run(4);
  const std::vector<std::string> other = lines_of_run(1);
  ASSERT_EQ(good.size(), 5U);
  const auto code = [&](const std::vector<std::string>& parts) {
    std::string file;
    for (const std::string& part : parts) file += part;
    return code_of(check_proof_file(file, keys));
  };
  EXPECT_EQ(code(good), "");
  EXPECT_EQ(code({good[0], good[1], good[2], good[4]}), "") << "later events are not excluded";
  EXPECT_EQ(code({good[0], good[2], good[3], good[4]}), "proof.incomplete");
  EXPECT_EQ(code({good[0], good[1], good[3], good[4]}), "proof.incomplete");
  EXPECT_EQ(code({good[0], good[1], good[3], good[2], good[4]}), "proof.incomplete");
  EXPECT_EQ(code({good[0], good[1], good[1], good[2], good[4]}), "proof.incomplete");
  EXPECT_EQ(code({good[0], other[1], good[2], good[3], good[4]}), "proof.incomplete");
  EXPECT_EQ(code({other[0], good[1], good[2], good[3], good[4]}), "proof.incomplete");
  EXPECT_EQ(code({good[0], good[4]}), "proof.malformed");
  EXPECT_EQ(code({good[0].substr(0, good[0].size() - 2) + "\n", good[1], good[4]}), "proof.malformed");
}

TEST_F(ProverTest, ProvesThatTheLogExtendsWhatWasSigned) {
  for (const std::size_t count : {3U, 200U, 500U}) {
    const std::string old = sign();
    append(count);
    const Proven found = proven(Prover(*here.log).prove_extension(old, key));
    EXPECT_EQ(std::get<ProvenExtension>(found).old, opened(old));
  }
  EXPECT_EQ(code_of(Prover(*here.log).prove_extension("nonsense", key)), "note.malformed");
}

TEST_F(ProverTest, ProvesGrowthAcrossRotationsOfTheKey) {
  LogDirectory rotated{LogDirectory::Disk::kMemory};
  (void)create_audit_key(rotated.path, "runledger/test");
  std::vector<std::string> notes;
  for (const std::size_t count : {3U, 200U, 500U}) {
    rotated.append(maker.next(count));
    const AuditKey current(rotated.path);
    notes.push_back(Prover(*rotated.log).checkpoint(current));
    Prover(*rotated.log).rotate(current);
  }
  const std::vector<NoteVerifier> all = audit_keys(rotated.path);
  ASSERT_EQ(all.size(), 4U);
  const AuditKey newest(rotated.path);
  for (std::size_t i = 0; i < notes.size(); ++i) {
    const std::string file = *Prover(*rotated.log).prove_extension(notes[i], newest);
    const auto extension = std::get<ProvenExtension>(*check_proof_file(file, all));
    EXPECT_EQ(extension.old, *open_checkpoint(notes[i], all[i]));
    EXPECT_EQ(extension.checkpoint.tree.size, 703U);
    EXPECT_EQ(code_of(check_proof_file(file, std::span(all).subspan(i + 1))), "note.unsigned") << i;
  }
}

TEST_F(ProverTest, SignsNothingThatDoesNotExtendTheLastCheckpoint) {
  append(20);
  const Head head = here.log->head();
  remember({21, head.tree.root()});
  EXPECT_EQ(failure_of([&] { return sign(); }).code, "checkpoint.ahead");
  remember({20, Digest<32>{}});
  EXPECT_EQ(failure_of([&] { return sign(); }).code, "checkpoint.other_history");
  EXPECT_EQ(failure_of([&] { return Prover(*here.log).prove_event(Sequence{1}, key); }).code,
            "checkpoint.other_history");
  EXPECT_EQ(key.last()->tree, (TreeHead{20, Digest<32>{}})) << "it stays the last one";
}

TEST_F(ProverTest, MakesDamagedTilesAgain) {
  append(600);
  const std::string old = sign();
  append(10);
  const Prover prover(*here.log);
  for (const unsigned index : {0U, 1U}) {  // Tiles that the root does not show.
    const std::string tile = std::string("T") + std::string(8, '\0') + static_cast<char>(index);
    ASSERT_TRUE(here.store->derived(Derived::kTiles).db().Put({}, tile, std::string(8192, 'x')).ok());
    EXPECT_NO_THROW((void)proven(prover.prove_event(Sequence{256U * index + 1}, key)));
  }
  EXPECT_NO_THROW((void)proven(prover.prove_extension(old, key)));
}

TEST_F(ProverTest, ProvesGrowthToATreeThatTheLogHasHadAndChecksIt) {
  std::vector<TreeHead> trees;
  for (int i = 0; i < 3; ++i) {
    append(300);
    trees.push_back(Prover(*here.log).tree());
  }
  const auto is_proven = [&] {
    const TreeProof proof = prove_growth(*here.log, 300, trees[1], {});
    return is_extension(trees[0], trees[1], proof);
  };
  EXPECT_TRUE(is_proven());
  const std::string tile = std::string("T") + std::string(7, '\0') + std::string("\0\1", 2);
  ASSERT_TRUE(here.store->derived(Derived::kTiles).db().Put({}, tile, std::string(8192, 'x')).ok());
  EXPECT_TRUE(is_proven()) << "the tiles are made again";
  const TreeHead other{600, Digest<32>{}};
  EXPECT_EQ(failure_of([&] { return prove_growth(*here.log, 300, other, {}); }).code, "storage.damaged");
}

TEST_F(ProverTest, PreparesProofsOnlyForALedgerWithAnAuditKey) {
  append(5);
  prepare_proofs(*here.log);
  EXPECT_TRUE(here.store->has_derived(Derived::kTiles));
  append(3000);
  prepare_proofs(*here.log, [] { return true; });
  EXPECT_EQ(HashTiles(*here.store).size(), 1024U) << "interrupted";
  here.store->discard_derived(Derived::kTiles);
  std::filesystem::remove(here.path / "audit.key");
  prepare_proofs(*here.log);
  EXPECT_FALSE(here.store->has_derived(Derived::kTiles));
}

// Without the fixture, whose key keeps others from opening it.
TEST(AuditKeyFile, HasToBeWholeAndClosedToOthers) {
  const LogDirectory here{LogDirectory::Disk::kMemory};
  const NoteSigner made = create_audit_key(here.path, "runledger/test");
  EXPECT_EQ(read_audit_key(here.path).format(), made.format());
  const std::filesystem::path file = here.path / "audit.key";
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(failure_of([&] { create_audit_key(here.path, "other"); }).code, "audit_key.exists");
  std::filesystem::permissions(file, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  EXPECT_EQ(failure_of([&] { return read_audit_key(here.path).name; }).code, "ledger.insecure");
  std::filesystem::remove(file);
  EXPECT_EQ(failure_of([&] { return read_audit_key(here.path).name; }).code, "audit_key.missing");
  create_audit_key(here.path, "other");
  write_bytes(here.path / "audit.checkpoint", "nonsense");
  EXPECT_EQ(failure_of([&] { return AuditKey(here.path).last(); }).code, "audit_key.damaged");
  write_bytes(file, "nonsense");
  EXPECT_EQ(failure_of([&] { return read_audit_key(here.path).name; }).code, "audit_key.damaged");
}

}  // namespace
}  // namespace runledger
