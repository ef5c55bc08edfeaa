// Reads which demo runs exist, and continues each from its present state.
//
// seed_runs() works workspace by workspace: look() lists the workspace's rows into `standing_`, then seed() handles
// each planned run. A missing run is requested; then bring_to_end() follows the run's story, which depends on its
// number alone: attempts until it is completed, a cancellation, or nothing.
//
// Every id is derived from names with demo_uuid() (UUID version 5): the run's id, and the command id of each start.
// That makes the whole thing repeatable. A second seeding finds the same runs, and a seeding that was killed between
// start and finish gets the token of its own attempt back when it repeats the start under the same command id and
// starter.
//
// A real worker may interfere at any time. So an attempt that the ledger did not start for us, or that was lost and is
// running elsewhere, is left alone, and a run is only cancelled if it is still in the state that look() saw.
#include "jobs/seed.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/base/failure.h"

namespace runledger {
namespace {

// The worker of every attempt, and its starter: another seeding that repeats a start is to get its answer.
constexpr std::string_view kSeed = "seed";
constexpr std::array kPolicyTypes{"configuration", "device_configuration", "compliance"};

// The fate of a demo run. The runs of each tenant go through the stories in turn.
enum class Story { kSucceeds, kSucceedsAtTheSecondTry, kSucceedsInPart, kFails, kIsCancelled, kStaysQueued };
constexpr std::uint64_t kStories = 6;

Workspace demo_workspace(std::uint64_t number) {
  return *parse_workspace(fmt::format("demo-{}", number));
}

Scope demo_scope(std::uint64_t workspace, std::uint64_t tenant) {
  return {.workspace = demo_workspace(workspace), .tenant = *parse_tenant(fmt::format("tenant-{}", tenant))};
}

// The policies of a tenant are numbered from 1, and go through the types in turn.
std::string policy_id(std::uint64_t number) {
  return fmt::format("policy-{}", number);
}
std::string policy_type(std::uint64_t number) {
  return kPolicyTypes[(number - 1) % kPolicyTypes.size()];
}

Uuid demo_uuid(std::string_view name) {
  static const Uuid space = *parse_uuid("0c1f6f6e-3f0b-4d1c-9a57-5b8a5f7d2e61", "space");
  return name_based_uuid(space, name);
}

struct DemoRun {
  Scope scope;
  std::uint64_t number;  // Counted from 0 within its tenant.

  [[nodiscard]] std::string name() const {
    return fmt::format("{}/{}/{}", scope.workspace.str(), scope.tenant->str(), number);
  }
  [[nodiscard]] RunId id() const { return RunId{demo_uuid(name())}; }
  [[nodiscard]] Story story() const { return static_cast<Story>(number % kStories); }

  // Every run names another policy, even if the tenant has fewer: the ledger would treat equal runs as duplicates.
  [[nodiscard]] RunRequest request() const {
    return {.workspace = scope.workspace,
            .tenant = scope.tenant,
            .type = *parse_run_type("assignments.fetch"),
            .input = *RunInput::parse(fmt::format(R"({{"policy_ids":["{}"],"policy_type":"{}"}})",
                                                  policy_id(number + 1), policy_type(number + 1))),
            .run = id(),
            .initiator = sanitize(kSeed),
            .force = false};
  }

  // Every seeding uses the same id, so that a seeding whose answer was lost can ask for its token again.
  [[nodiscard]] CommandId start_id(AttemptNumber attempt) const {
    return CommandId{demo_uuid(fmt::format("{}/start/{}", name(), attempt.value))};
  }
};

// The end of one attempt of a run, as its story wants it.
FinishAttempt finish_of(const DemoRun& run, AttemptNumber attempt, ScopeSequence token) {
  FinishAttempt finish;
  finish.run = run.id();
  finish.attempt = AttemptRef{attempt, token};
  const auto count = [&](std::string_view key, std::uint64_t value) {
    finish.summary_counts.emplace(*parse_count_key(key), value);
  };
  const std::uint64_t total = 10 + run.number;
  std::uint64_t failed = 0;
  const auto fail = [&](AttemptOutcome outcome, std::string_view code, std::string_view message, bool retryable) {
    finish.outcome = outcome;
    finish.failures.push_back({*parse_reason_code(code), sanitize(message)});
    finish.retryable = retryable;
  };
  const Story story = run.story();
  if (story == Story::kSucceedsInPart) {
    failed = 1;
    fail(AttemptOutcome::kPartiallySucceeded, "demo.refused", "one policy could not be read", false);
  } else if (story == Story::kFails) {
    failed = total;
    fail(AttemptOutcome::kFailed, "demo.refused", "the tenant has taken its consent back", false);
  } else if (story == Story::kSucceedsAtTheSecondTry && attempt == AttemptNumber{1}) {
    failed = total / 2;
    fail(AttemptOutcome::kFailed, "demo.throttled", "429, five times", true);
  }
  count("total", total);
  count("processed", total);
  count("succeeded", total - failed);
  count("failed", failed);
  count("items", 3 * (total - failed));
  return finish;
}

Reply require_answer(const Answer& answer) {
  if (const auto* rejection = std::get_if<Rejection>(&answer)) throw Refused(*rejection);
  if (const auto* unknown = std::get_if<UnknownOutcome>(&answer))
    throw Failure(Remedy::kAskLedger, "outcome.unknown", unknown->what);
  return std::get<Reply>(answer);
}

class Seeding {
 public:
  Seeding(LedgerReader& reader, LedgerClient& client) : reader_(reader), client_(client) {}

  // Reads the existing runs of a workspace; call it before that workspace's runs are seeded.
  void look(const Workspace& workspace) {
    standing_.clear();
    RunFilter filter;
    filter.workspace = workspace;
    std::string cursor;
    do {
      const Result<RunPage> page = reader_.list(filter, RowStore::kPageMax, cursor);
      if (!page) throw Refused(page.rejection());
      for (const OperationRun::Row& row : page->rows)
        standing_.insert_or_assign(row.id, ExpectedRunState{.status = row.status, .attempt = row.attempt});
      cursor = page->next_cursor.value_or("");
    } while (!cursor.empty());
  }

  // Returns true if the run did not exist before.
  bool seed(const DemoRun& run) {
    const auto found = standing_.find(run.id());
    if (found != standing_.end()) {
      bring_to_end(run, found->second);
      return false;
    }
    const Reply reply = require_answer(client_.submit(run.request(), {}));
    // An equal run had been requested under another id, so it belongs to another caller.
    if (reply.run != run.id()) return false;
    bring_to_end(run, {.status = reply.status, .attempt = {}});
    return reply.verdict == Verdict::kRequested;
  }

 private:
  void bring_to_end(const DemoRun& run, ExpectedRunState standing) {
    switch (run.story()) {
      case Story::kSucceeds:
      case Story::kSucceedsAtTheSecondTry:
      case Story::kSucceedsInPart:
      case Story::kFails:
        while (standing.status != RunStatus::kCompleted && attempt(run, standing)) {
        }
        return;
      case Story::kIsCancelled:
        cancel(run, standing);
        return;
      case Story::kStaysQueued:
        return;
    }
  }

  // Finishes the open attempt if an earlier seeding started it, otherwise starts and finishes the next one. Returns
  // false if the attempt belongs to another worker.
  bool attempt(const DemoRun& run, ExpectedRunState& standing) {
    const AttemptNumber number = standing.status == RunStatus::kRunning ? standing.attempt : standing.attempt.next();
    const Reply started = require_answer(client_.submit(StartAttempt{.run = run.id(), .worker = sanitize(kSeed)},
                                                        {.id = run.start_id(number), .starter = std::string(kSeed)}));
    if (started.verdict != Verdict::kStarted) return false;
    const Reply finished = require_answer(client_.submit(finish_of(run, started.attempt, started.token), {}));
    // Late: the attempt was ours but was lost, and another worker has started the next one.
    if (finished.verdict == Verdict::kLate && finished.status == RunStatus::kRunning) return false;
    standing = {.status = finished.status, .attempt = std::max(started.attempt, number)};
    return true;
  }

  // Cancels the run unless a worker has started it.
  void cancel(const DemoRun& run, const ExpectedRunState& standing) {
    if (standing.status != RunStatus::kQueued) return;
    const Answer answer = client_.submit(FailRun{.run = run.id(),
                                                 .reason_code = *parse_reason_code("run.cancelled"),
                                                 .message = sanitize("no longer needed"),
                                                 .outcome = RunOutcome::kCancelled,
                                                 .seen = standing},
                                         {});
    const auto* rejection = std::get_if<Rejection>(&answer);
    if (rejection != nullptr && (rejection->code == "run.changed" || rejection->code == "run.completed")) return;
    (void)require_answer(answer);
  }

  LedgerReader& reader_;
  LedgerClient& client_;
  std::map<RunId, ExpectedRunState> standing_;  // The runs of the workspace that look() read last.
};

}  // namespace

DemoRows demo_rows(const SeedSizes& sizes) {
  DemoRows rows;
  for (std::uint64_t workspace = 1; workspace <= sizes.workspaces; ++workspace) {
    rows.workspaces.push_back({demo_workspace(workspace), fmt::format("Demo workspace {}", workspace)});
    for (std::uint64_t tenant = 1; tenant <= sizes.tenants; ++tenant) {
      const Scope scope = demo_scope(workspace, tenant);
      rows.tenants.push_back({scope, fmt::format("Demo tenant {} of {}", tenant, workspace)});
      for (std::uint64_t policy = 1; policy <= sizes.policies; ++policy) {
        rows.policies.push_back({.scope = scope,
                                 .id = policy_id(policy),
                                 .name = fmt::format("Demo policy {}", policy),
                                 .type = policy_type(policy)});
      }
    }
  }
  return rows;
}

Result<SeededRuns> seed_runs(LedgerReader& reader, LedgerClient& client, const SeedSizes& sizes,
                             const Progress& progress) {
  Seeding seeding(reader, client);
  SeededRuns seeded;
  seeded.planned = sizes.workspaces * sizes.tenants * sizes.runs;
  std::uint64_t done = 0;
  try {
    for (std::uint64_t workspace = 1; workspace <= sizes.workspaces; ++workspace) {
      seeding.look(demo_workspace(workspace));
      for (std::uint64_t i = 0; i < sizes.tenants * sizes.runs; ++i) {
        const DemoRun run{.scope = demo_scope(workspace, 1 + i / sizes.runs), .number = i % sizes.runs};
        if (seeding.seed(run)) ++seeded.added;
        if (progress) progress(++done, seeded.planned);
      }
    }
  } catch (const Refused& refused) {
    return refused.rejection();
  }
  return seeded;
}

}  // namespace runledger
