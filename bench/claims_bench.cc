// Measures the time from a request until the waiting caller has the run, while many other callers wait for other runs,
// and the time of a claim when many tenants have due runs.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "bench/workload/scratch_directory.h"
#include "jobs/dispatch/claims.h"
#include "ledger/base/assert.h"

namespace runledger {
namespace {

template <class T>
T must(Result<T> result) {
  RUNLEDGER_ASSERT(result);
  return *std::move(result);
}

// A ledger in a directory of its own. Each of `scopes` tenants has a queued run that no caller waits for, and each of
// `callers` callers waits for a tenant that has no run.
class Crowd {
 public:
  Crowd(std::size_t callers, std::size_t scopes) {
    std::vector<std::future<Answer>> answers;
    for (std::size_t i = 0; i < scopes; ++i) answers.push_back(request(fmt::format("busy-{}", i)));
    for (std::future<Answer>& answer : answers) RUNLEDGER_ASSERT(std::holds_alternative<Reply>(answer.get()));
    RUNLEDGER_ASSERT(rows_->wait_for(ledger_->log().last(), std::chrono::seconds(60)));
    claims_ = std::make_unique<Claims>(*ledger_, *rows_);
    for (std::size_t i = 0; i < callers; ++i)
      waiting_.push_back(claims_->claim(claim_by(fmt::format("idle-{}", i)), [](const ClaimAnswer&) {}));
  }

  // Adds a waiting caller, requests a run for it, and returns when the caller has the run.
  void claim_one() {
    std::promise<ClaimAnswer> promise;
    const Claims::Waiting waiting =
        claims_->claim(claim_by("wanted"), [&promise](ClaimAnswer answer) { promise.set_value(std::move(answer)); });
    RUNLEDGER_ASSERT(std::holds_alternative<Reply>(request("wanted").get()));
    RUNLEDGER_ASSERT(std::holds_alternative<ClaimedRun>(promise.get_future().get()));
  }
  // Claims a run of any tenant. Requires that one is due.
  void claim_any() {
    std::promise<ClaimAnswer> promise;
    const Claims::Waiting waiting =
        claims_->claim({.what = {.types = {type_}, .worker = sanitize("w"), .wait = {}}, .workspace = {}, .tenant = {}},
                       [&promise](ClaimAnswer answer) { promise.set_value(std::move(answer)); });
    RUNLEDGER_ASSERT(std::holds_alternative<ClaimedRun>(promise.get_future().get()));
  }

 private:
  std::future<Answer> request(const std::string& tenant) {
    RunRequest request;
    request.workspace = workspace_;
    request.tenant = must(parse_tenant(tenant));
    request.type = type_;
    request.input = must(RunInput::parse(fmt::format(R"({{"n":{}}})", ++requests_)));
    return ledger_->submit(std::move(request), {});
  }
  [[nodiscard]] ScopedClaim claim_by(const std::string& tenant) const {
    return {.what = {.types = {type_}, .worker = sanitize("w"), .wait = kClaimWaitMax},
            .workspace = workspace_,
            .tenant = must(parse_tenant(tenant))};
  }
  [[nodiscard]] std::unique_ptr<Ledger> open() const {
    Store::create({.directory = directory_.path() / "ledger"}, IdentityKey::random());
    return std::make_unique<Ledger>(Ledger::Options{.directory = directory_.path() / "ledger"});
  }

  const Workspace workspace_ = must(parse_workspace("acme"));
  const RunType type_ = must(parse_run_type("demo.sync"));
  std::size_t requests_ = 0;
  workload::ScratchDirectory directory_;  // Outlives the ledger.
  std::unique_ptr<Ledger> ledger_ = open();
  std::unique_ptr<FollowedRows> rows_ = std::make_unique<FollowedRows>(ledger_->log());
  std::unique_ptr<Claims> claims_;
  std::vector<Claims::Waiting> waiting_;
};

void BM_ClaimAmongOthers(benchmark::State& state) {
  Crowd crowd(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)));
  for (auto _ : state) crowd.claim_one();
}
BENCHMARK(BM_ClaimAmongOthers)
    ->ArgNames({"callers", "scopes"})
    ->Args({0, 1})
    ->Args({10, 10})
    ->Args({900, 5000})
    ->Iterations(10)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void BM_ClaimOfAnyTenant(benchmark::State& state) {
  Crowd crowd(0, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) crowd.claim_any();
}
BENCHMARK(BM_ClaimOfAnyTenant)
    ->ArgName("scopes")
    ->Arg(500)
    ->Arg(5000)
    ->Iterations(400)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace runledger
