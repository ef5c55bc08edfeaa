// Neighbours change nothing in the evidence of a scope or run but sibling hashes and signatures.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "ledger/evidence/scope_prover.h"
#include "ledger/ledger.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

// One of two ledgers that begin as copies of each other.
class Twin {
 public:
  explicit Twin(const std::filesystem::path& from) : path_(parent_.path() / "ledger") {
    std::filesystem::copy(from, path_, std::filesystem::copy_options::recursive);
    ledger_ = std::make_unique<Ledger>(Ledger::Options{.directory = path_, .clock = &clock_});
  }

  Answer submit(const Ask& ask) { return ledger_->submit(ask, {}).get(); }
  void pass(Duration time) { clock_.advance(time); }
  [[nodiscard]] std::string evidence(const Scope& scope) {
    const ScopeProver prover(ledger_->log());
    std::string file;
    prover.write(*prover.prove(scope, AuditKey(path_), clock_.now()),
                 [&file](std::string_view piece) { file += piece; });
    return file;
  }
  [[nodiscard]] std::string evidence(RunId run) {
    return *ScopeProver(ledger_->log()).prove_run(run, AuditKey(path_), clock_.now());
  }
  [[nodiscard]] std::uint64_t events() { return ledger_->log().last().value; }

 private:
  TemporaryDirectory parent_;
  std::filesystem::path path_;
  ManualClock clock_{examples::at(0)};
  std::unique_ptr<Ledger> ledger_;
};

// Does the next thing that this tenant does, in every one of these ledgers.
void work(const std::vector<Twin*>& twins, const Scope& scope, int number) {
  const RunId run = examples::run_id(number);
  for (Twin* twin : twins) {
    const auto token = [&](const Answer& answer) {
      return AttemptRef{reply_of(answer).attempt, reply_of(answer).token};
    };
    (void)twin->submit(RunRequest{.workspace = scope.workspace,
                                  .tenant = scope.tenant,
                                  .type = examples::type(),
                                  .input = examples::input("{\"policy_ids\":[\"p" + std::to_string(number) + "\"]}"),
                                  .run = run});
    if (number % 5 == 0) continue;
    const AttemptRef attempt = token(twin->submit(StartAttempt{.run = run, .worker = sanitize("worker")}));
    if (number % 5 == 1) continue;
    (void)twin->submit(FinishAttempt{.run = run, .attempt = attempt, .outcome = AttemptOutcome::kSucceeded});
  }
}

// Replaces every hash and signature that may depend on other scopes by a word.
std::string without_hashes(std::string_view file) {
  std::string text;
  bool is_after_nonce = false;
  while (!file.empty()) {
    const std::string_view line = file.substr(0, file.find('\n'));
    file.remove_prefix(line.size() + 1);
    const bool is_sibling = is_after_nonce && line.size() == 44 && line.find(' ') == std::string_view::npos;
    const bool may_depend = is_sibling || line.starts_with("root ") || line.starts_with("\xE2\x80\x94");
    text.append(may_depend ? "hash" : line).append("\n");
    is_after_nonce = is_after_nonce || line.starts_with("nonce ");
  }
  return text;
}

TEST(ScopeEvidenceIsolation, NeighboursChangeNothingInItButSiblingHashesAndSignatures) {
  TemporaryDirectory parent;
  Store::create({.directory = parent.path() / "ledger"}, IdentityKey::random());
  (void)create_audit_key(parent.path() / "ledger", "runledger/test");
  Twin quiet(parent.path() / "ledger");
  Twin busy(parent.path() / "ledger");
  const Scope tenant = examples::scope("contoso");
  int neighbour = 1000;
  for (int number = 1; number <= 30; ++number) {
    work({&quiet, &busy}, tenant, number);
    for (int i = 0; i < number % 7; ++i, ++neighbour)
      work({&busy}, examples::scope("neighbour" + std::to_string(neighbour % 40)), neighbour);
    if (number % 3 == 0)
      work({&busy}, {.workspace = examples::workspace("other"), .tenant = tenant.tenant}, ++neighbour);
    for (Twin* twin : {&quiet, &busy}) twin->pass(std::chrono::seconds(3));
  }
  ASSERT_GT(busy.events(), quiet.events() + 200);
  const std::string alone = quiet.evidence(tenant);
  const std::string beside = busy.evidence(tenant);
  EXPECT_NE(alone, beside);
  EXPECT_EQ(without_hashes(alone), without_hashes(beside));
  EXPECT_EQ(alone.size(), beside.size());
  const std::string run_alone = quiet.evidence(examples::run_id(8));
  const std::string run_beside = busy.evidence(examples::run_id(8));
  EXPECT_NE(run_alone, run_beside);
  EXPECT_EQ(without_hashes(run_alone), without_hashes(run_beside));
  EXPECT_EQ(run_alone.size(), run_beside.size());
}

}  // namespace
}  // namespace runledger
