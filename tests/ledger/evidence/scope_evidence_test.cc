// The evidence of one scope and of one run: what it proves, and what is refused.
#include "ledger/evidence/scope_evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "ledger/evidence/proof_file.h"
#include "ledger/evidence/run_evidence.h"
#include "ledger/evidence/scope_prover.h"
#include "ledger/log/codec.h"
#include "ledger/values/base64.h"
#include "tests/fixtures/data/changed_text.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/log_directory.h"

namespace runledger {
namespace {

std::string file_of(const EventLog& log, const Scope& scope, const AuditKey& key, Time now) {
  const ScopeProver prover(log);
  std::string file;
  prover.write(*prover.prove(scope, key, now), [&file](std::string_view piece) { file += piece; });
  return file;
}

class ScopeEvidenceTest : public testing::Test {
 protected:
  void append(std::size_t count) { here.append(maker.next(count)); }
  [[nodiscard]] std::string evidence(const Scope& scope) const {
    return file_of(*here.log, scope, key, examples::at(1000));
  }
  [[nodiscard]] std::string run_evidence(std::uint64_t sequence) const {
    return *ScopeProver(*here.log).prove_run(here.log->find(Sequence{sequence})->run, key, examples::at(1000));
  }
  [[nodiscard]] Result<ProvenScope> check(const std::string& file, const ScopeEvidenceChecks& checks = {}) const {
    return check_scope_evidence(lines_of_text(file), keys, checks);
  }
  [[nodiscard]] std::string code(const std::string& file) const { return code_of(check(file)); }
  [[nodiscard]] std::string run_code(const std::string& file) const { return code_of(check_run_evidence(file, keys)); }

  LogDirectory here{LogDirectory::Disk::kMemory};
  const NoteSigner signer = create_audit_key(here.path, "runledger/test");
  const std::vector<NoteVerifier> keys{signer.verifier()};
  const AuditKey key{here.path};
  EventMaker maker;
  const Scope contoso = examples::scope("contoso");
  const Scope fabrikam = examples::scope("fabrikam");
};

std::vector<std::size_t> event_lines(const std::vector<std::string>& lines) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].starts_with("extra ")) found.push_back(i);
  }
  return found;
}

TEST_F(ScopeEvidenceTest, ProvesThatTheseEventsAreAllThatAScopeHas) {
  append(40);
  for (const Scope& scope : {contoso, fabrikam}) {
    std::vector<Envelope> seen;
    ScopeEvidenceChecks checks;
    checks.visit = [&seen](const Envelope& event, std::string_view stored) {
      EXPECT_EQ(encode(event), stored);
      seen.push_back(event);
    };
    const ProvenScope proven = *check(evidence(scope), checks);
    EXPECT_EQ(proven.scope, scope);
    std::vector<Envelope> expected = here.log->read_scope(scope, {}, 1000);
    for (Envelope& event : expected) event.sequence = Sequence{event.scope_sequence.value};
    EXPECT_EQ(seen, expected);
    EXPECT_EQ(proven.events.size, expected.size());
    EXPECT_EQ(proven.origin, "runledger/test");
    EXPECT_EQ(proven.restored, 0U);
    EXPECT_EQ(proven.note.signed_at(), examples::at(1000));
    EXPECT_EQ(proven.first_at, expected.front().recorded_at);
    EXPECT_EQ(proven.last_at, expected.back().recorded_at);
  }
  EXPECT_EQ(check(evidence(contoso))->runs + check(evidence(fabrikam))->runs, 14U);
}

TEST_F(ScopeEvidenceTest, OfAScopeOrRunWithoutEventsIsRefused) {
  const ScopeProver prover(*here.log);
  EXPECT_EQ(code_of(prover.prove(contoso, key, {})), "scope.not_found");
  append(5);
  EXPECT_EQ(code_of(prover.prove(examples::scope("nobody"), key, {})), "scope.not_found");
  EXPECT_EQ(code_of(prover.prove(examples::workspace_scope(), key, {})), "scope.not_found");
  EXPECT_EQ(code_of(prover.prove_run(examples::run_id(999), key, {})), "run.not_found");
  EXPECT_EQ(code_of(prover.prove_run(RunId{}, key, {})), "run.not_found");
  EXPECT_EQ(*prover.find_scope(*contoso.tenant), contoso);
  EXPECT_EQ(code_of(prover.find_scope(examples::tenant("nobody"))), "scope.not_found");
}

// The owner may also adapt the number of events: nothing but the note is signed.
TEST_F(ScopeEvidenceTest, WithoutTheLastEventOrAnyOtherOneIsRefused) {
  append(40);
  const std::vector<std::string> good = lines_of(evidence(contoso));
  const std::vector<std::size_t> events = event_lines(good);
  ASSERT_GT(events.size(), 15U);
  ASSERT_EQ(good[3], "events " + std::to_string(events.size()));
  for (const std::size_t missing : events) {
    std::vector<std::string> fewer = good;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(missing));
    EXPECT_EQ(code(joined(fewer)), "proof.incomplete");
    fewer[3] = "events " + std::to_string(events.size() - 1);
    EXPECT_THAT(code(joined(fewer)), testing::AnyOf("proof.incomplete", "proof.wrong"));
  }
  std::vector<std::string> fewer = good;
  fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(events.back()));
  fewer[3] = "events " + std::to_string(events.size() - 1);
  EXPECT_EQ(code(joined(fewer)), "proof.wrong") << "what is left follows the rules, but is not all";
}

TEST_F(ScopeEvidenceTest, WithTheNoteOfAnotherMomentIsRefused) {
  append(20);
  const std::string before = evidence(contoso);
  append(20);
  const std::string after = evidence(contoso);
  const auto end_of = [](const std::string& file) { return file.substr(file.find("\nnonce ")); };
  const auto start_of = [](const std::string& file) { return file.substr(0, file.find("\nnonce ")); };
  EXPECT_EQ(code(start_of(before) + end_of(after)), "proof.wrong");
  EXPECT_EQ(code(start_of(after) + end_of(before)), "proof.wrong");
  EXPECT_EQ(code(before), "") << "an older one still proves what it did";
}

TEST_F(ScopeEvidenceTest, OfAnotherScopeCannotBePassedOff) {
  append(40);
  std::vector<std::string> lines = lines_of(evidence(contoso));
  lines[2] = "tenant fabrikam";
  EXPECT_EQ(code(joined(lines)), "proof.incomplete");
  const std::string other = evidence(fabrikam);
  const std::string mixed = joined(lines_of(evidence(contoso)));
  EXPECT_EQ(code(mixed.substr(0, mixed.find("\nnonce ")) + other.substr(other.find("\nnonce "))), "proof.wrong");
}

TEST_F(ScopeEvidenceTest, IsBoundToTheCheckpointOfTheLog) {
  append(10);
  const ProvenScope proven = *check(evidence(contoso));
  const std::optional<Checkpoint> signed_last = last_checkpoint(here.path);
  ASSERT_TRUE(signed_last);
  EXPECT_EQ(signed_last->scopes, proven.note.root);
  EXPECT_EQ(signed_last->tree, (TreeHead{10, here.log->head().tree.root()}));
  const std::string file = evidence(contoso);
  EXPECT_EQ(file.find(format_base64(bytes_of(signed_last->tree.root))), std::string::npos);
  EXPECT_EQ(code_of(open_scopes_note(*last_note(here.path), keys)), "scopes.malformed");
  EXPECT_EQ(code_of(open_checkpoint(file.substr(file.find("runledger/test/scopes")), keys)), "checkpoint.malformed");
}

TEST_F(ScopeEvidenceTest, IsNotMadeByALogThatDoesNotExtendWhatWasSigned) {
  append(10);
  (void)evidence(contoso);
  (void)key.sign({11, {}});
  EXPECT_EQ(failure_of([&] { (void)evidence(contoso); }).code, "checkpoint.ahead");
}

TEST_F(ScopeEvidenceTest, SignedByAnotherKeyIsRefused) {
  append(10);
  const NoteVerifier other{"runledger/test", Ed25519Key::random().public_key()};
  const std::vector<NoteVerifier> wrong{other};
  EXPECT_EQ(code_of(check_scope_evidence(lines_of_text(evidence(contoso)), wrong)), "note.unsigned");
  const std::vector<NoteVerifier> rotated{signer.verifier(), other};
  EXPECT_EQ(code_of(check_scope_evidence(lines_of_text(evidence(contoso)), rotated)), "");
}

TEST_F(ScopeEvidenceTest, ThatIsLaterExtendsTheEarlierOne) {
  append(20);
  const ProvenScope earlier = *check(evidence(contoso));
  const ProvenScope of_other = *check(evidence(fabrikam));
  append(20);
  const std::string later = evidence(contoso);
  EXPECT_EQ(code_of(check(later, {.earlier = earlier})), "");
  EXPECT_EQ(code_of(check(later, {.earlier = *check(later)})), "");
  EXPECT_EQ(code_of(check(later, {.earlier = of_other})), "proof.other_scope");
  ProvenScope forged = earlier;
  forged.events.root.bytes[0] ^= 1U;
  EXPECT_EQ(code_of(check(later, {.earlier = forged})), "proof.not_extended");
  ProvenScope longer = *check(later);
  longer.events.size += 1;
  EXPECT_EQ(code_of(check(later, {.earlier = longer})), "proof.not_extended");
}

TEST_F(ScopeEvidenceTest, OfARunProvesThatItHasNoOtherEvents) {
  append(41);
  for (const std::uint64_t sequence : {1U, 4U, 20U, 40U, 41U}) {
    const Envelope event = *here.log->find(Sequence{sequence});
    const ProvenWholeRun proven = *check_run_evidence(run_evidence(sequence), keys);
    EXPECT_EQ(proven.run, event.run);
    EXPECT_EQ(proven.scope, event.scope);
    std::vector<Envelope> expected = here.log->read_run(event.run, here.log->last());
    for (Envelope& each : expected) each.sequence = Sequence{each.scope_sequence.value};
    EXPECT_EQ(proven.events, expected);
  }
}

TEST_F(ScopeEvidenceTest, OfARunWithoutItsLastEventOrAnyOtherOneIsRefused) {
  append(40);
  const std::vector<std::string> good = lines_of(run_evidence(4));
  const std::vector<std::size_t> events = event_lines(good);
  ASSERT_EQ(events.size(), 3U);
  ASSERT_EQ(good[4], "events 3");
  for (const std::size_t missing : events) {
    std::vector<std::string> fewer = good;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(missing));
    EXPECT_EQ(run_code(joined(fewer)), "proof.incomplete");
    fewer[4] = "events 2";
    EXPECT_EQ(run_code(joined(fewer)), missing == events.back() ? "proof.wrong" : "proof.incomplete");
  }
}

TEST_F(ScopeEvidenceTest, IsRefusedAfterAnyOfAThousandChanges) {
  append(60);
  std::mt19937 random(20261130);
  const std::string files[] = {evidence(contoso), run_evidence(4), evidence(fabrikam), run_evidence(59)};
  const auto check_one = [this](std::size_t which, const std::string& file) {
    return which % 2 == 0 ? code(file) : run_code(file);
  };
  int refused = 0;
  for (std::size_t i = 0; i < 2000; ++i) {
    const std::string& file = files[i % 4];
    const std::string other = with_a_change(file, random);
    if (other == file) continue;
    EXPECT_THAT(check_one(i % 4, other),
                testing::MatchesRegex("proof\\.(malformed|wrong|incomplete)|note\\.[a-z]+|scopes\\.malformed"))
        << other;
    ++refused;
  }
  EXPECT_GT(refused, 1800);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(check_one(i, files[i]), "");
}

// An owner with the true key who signs another tree can leave events out of it; every note says then what it hides.
TEST_F(ScopeEvidenceTest, WithASecondHeadOfTheSameScopeInOneTreeIsRefused) {
  append(40);
  const std::vector<std::string> good = lines_of(evidence(contoso));
  const std::string nonce =
      *std::find_if(good.begin(), good.end(), [](const std::string& line) { return line.starts_with("nonce "); });
  std::string file = joined(good);
  const ProvenScope proven = *check(file);
  const std::string own = format_base64(bytes_of(scope_key(proven.note.salt, contoso)));
  file.insert(file.find(nonce) + nonce.size() + 1, "beside " + own + " " + own + "\n");
  EXPECT_EQ(code(file), "proof.wrong");
}

}  // namespace
}  // namespace runledger
