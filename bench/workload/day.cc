// Moves a random one of the active runs by one step at a time.
#include "bench/workload/day.h"

#include <fmt/format.h>

#include <map>

#include "ledger/base/assert.h"

namespace runledger::workload {
namespace {

// 2026-11-23T08:00:00Z
constexpr Time kMorning{1'795'420'800'000'000};

template <class T>
T checked(Result<T> result) {
  RUNLEDGER_ASSERT(result);
  return *std::move(result);
}

RunType type_of(std::size_t n) {
  static const RunType types[] = {checked(parse_run_type("assignments.fetch")),
                                  checked(parse_run_type("assignments.restore")),
                                  checked(parse_run_type("devices.inventory"))};
  return types[n % std::size(types)];
}

Scope scope_of(std::size_t tenant) {
  return {checked(parse_workspace(fmt::format("workspace-{}", tenant % 4))),
          checked(parse_tenant(fmt::format("tenant-{:04}", tenant)))};
}

Counts counts_of(std::uint64_t total) {
  static const CountKey keys[] = {checked(parse_count_key("failed")),    checked(parse_count_key("items")),
                                  checked(parse_count_key("processed")), checked(parse_count_key("skipped")),
                                  checked(parse_count_key("succeeded")), checked(parse_count_key("total"))};
  return {{keys[0], total % 3}, {keys[1], total * 7}, {keys[2], total},
          {keys[3], 0},         {keys[4], total},     {keys[5], total}};
}

}  // namespace

struct Day::Run {
  RunId id;
  std::size_t tenant = 0;
  Scope scope;
  RunState state;
  IdentityState identity;
};

Day::Day(const Options& options)
    : options_(options), random_(options.seed), runs_(options.runs_at_once), scopes_(options.tenants), now_(kMorning) {}

Day::~Day() = default;

AppendBatch Day::next(std::size_t count) {
  batch_ = {};
  std::map<RunId, RunState> runs;
  std::map<Identity, IdentityState> identities;
  while (batch_.events.size() < count) {
    Run& run = runs_[random_() % runs_.size()];
    step(run);
    runs[run.id] = run.state;
    identities[run.state.identity] = run.identity;
  }
  for (auto& entry : runs) batch_.runs.emplace_back(entry);
  for (auto& entry : identities) batch_.identities.emplace_back(entry);
  return std::move(batch_);
}

void Day::step(Run& run) {
  if (!run.state.active()) return request(run);
  const std::uint64_t chance = random_() % 100;
  if (run.state.status == RunStatus::kQueued) {
    if (chance < 10) {  // A repeated request of the same run, which leaves it queued.
      Deduped deduped;
      deduped.asked_by = sanitize("scheduler");
      return append(run, std::move(deduped));
    }
    return append(run,
                  AttemptStarted{.attempt = AttemptNumber{static_cast<std::uint32_t>(run.state.attempts.size() + 1)},
                                 .worker = sanitize(fmt::format("worker-{}", random_() % 16)),
                                 .lease = run.state.policy.lease,
                                 .key = std::nullopt});
  }
  AttemptFinished finished;
  finished.attempt = AttemptNumber{static_cast<std::uint32_t>(run.state.attempts.size())};
  finished.summary_counts = counts_of(random_() % 1000);
  if (chance < 15 && run.state.attempts.size() < run.state.policy.max_attempts) {  // An attempt that will be retried.
    finished.outcome = AttemptOutcome::kFailed;
    finished.disposition = Disposition::kRetries;
    finished.not_before = now_ + run.state.policy.backoff.initial;
    finished.failures = {{checked(parse_reason_code("graph.throttled")), sanitize("429 from the service, try later")}};
  }
  fill(finished.digest.bytes);
  append(run, std::move(finished));
}

template <std::size_t N>
void Day::fill(std::array<unsigned char, N>& bytes) {
  for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(random_());
}

void Day::request(Run& run) {
  run = {};
  fill(run.id.value.bytes);
  run.tenant = random_() % options_.tenants;
  run.scope = scope_of(run.tenant);
  Requested requested{.type = type_of(random_()),
                      .identity = {},
                      .fingerprint_version = kFingerprintVersion,
                      .input = checked(RunInput::parse(fmt::format(R"({{"policy_id":"policy-{:05}","snapshot":{}}})",
                                                                   random_() % 100000, random_() % 1000))),
                      .initiator = sanitize("scheduler"),
                      .policy = {},
                      .digest = {},
                      .forced = false,
                      .rerun_of = std::nullopt};
  fill(requested.identity.digest.bytes);
  fill(requested.digest.bytes);
  append(run, std::move(requested));
}

void Day::append(Run& run, Event event) {
  now_ = now_ + Duration{static_cast<std::int64_t>(random_() % 20000)};
  sequence_ = sequence_.next();
  scopes_[run.tenant] = scopes_[run.tenant].next();
  Envelope envelope{.sequence = sequence_,
                    .run = run.id,
                    .run_version = run.state.version.next(),
                    .scope = run.scope,
                    .scope_sequence = scopes_[run.tenant],
                    .previous = run.state.last_in_scope,
                    .recorded_at = now_,
                    .occurred_at = std::nullopt,
                    .origin = Origin::kLive,
                    .command = std::nullopt,
                    .event = std::move(event)};
  if (options_.command_ids) {
    envelope.command.emplace();
    fill(envelope.command->value.bytes);
  }
  evolve(run.state, envelope);
  evolve(run.identity, run.state, envelope);
  batch_.events.push_back(std::move(envelope));
}

}  // namespace runledger::workload
