// Workers with a queue of their own, by the recipe of docs/workers.md.
//
// The simulation is one thread and one clock, so a seed always tells the same story. Every job is in the queue twice.
// Each step of the clock is 10 s, and in each step every process makes one call of the recipe: it starts an attempt,
// keeps it alive while it works, or reports its end. A call may be lost on its way there or on its way back; the
// process then makes the same call in its next step. Now and then a process is killed: its delivery returns to the
// queue, and another process, with another starter, takes its place.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <random>
#include <string>

#include "tests/tools/daemon/http/http_world.h"

namespace runledger {
namespace {

using nlohmann::json;
using std::chrono::seconds;

constexpr int kJobs = 10;
constexpr int kStepsMax = 2'000;
constexpr seconds kStep{10};
constexpr seconds kLease{60};

struct Delivery {
  int job = 0;
  Time visible_at = {};
};

class QueueWorkers : public testing::TestWithParam<unsigned> {
 protected:
  struct Process {
    int number = 0;  // Drawn anew for the process that takes the place of a killed one.
    std::optional<Delivery> delivery = {};
    std::string key = {};   // Of the call that has no answer yet.
    json started = {};      // Null while it does not work.
    Time alive_until = {};  // As far as the process knows.
    int work_left = 0;
    json report = {};  // Null until the work has ended.
  };

  // Returns nullopt when the call or its answer was lost.
  std::optional<HttpReply> call(const Process& process, const std::string& target, const json& body) {
    if (roll(15)) return std::nullopt;
    HttpAsk ask{.method = "POST", .target = target, .token = "north", .body = body.dump()};
    ask.headers["Idempotency-Key"] = process.key;
    ask.headers["Runledger-Starter"] = fmt::format("process-{}", process.number);
    HttpReply reply = world_.ask(ask);
    if (roll(15)) return std::nullopt;
    return reply;
  }

  void step(Process& process) {
    if (process.number == 0 || roll(6)) return be_killed(process);
    if (!process.delivery) return receive(process);
    if (process.started.is_null()) return start(process);
    if (process.report.is_null()) return work(process);
    finish(process);
  }

  void be_killed(Process& process) {
    if (process.delivery) queue_.push_back(*process.delivery);
    process = Process{.number = ++processes_};
  }

  void receive(Process& process) {
    if (queue_.empty()) return;
    const Delivery next = queue_.front();
    queue_.pop_front();
    if (now() < next.visible_at) return queue_.push_back(next);
    process.delivery = next;
    process.key = fmt::format("process-{}-delivery-{}", process.number, ++keys_);
  }

  void give_back(Process& process, const json& after) {
    queue_.push_back(
        {.job = process.delivery->job, .visible_at = now() + seconds(after.is_null() ? 0 : after.get<int>())});
    let_go(process);
  }
  static void let_go(Process& process) { process = Process{.number = process.number}; }

  // Every second job carries the id of its run; the others are the same by their input only.
  void start(Process& process) {
    const int job = process.delivery->job;
    json body{{"type", "demo.sync"}, {"input", {{"job", job}}}, {"worker", "w"}, {"respect_not_before", true}};
    if (job % 2 == 0) body["run_id"] = run_of(job);
    const auto reply = call(process, "/v1/attempts", body);
    if (!reply) return;
    const json answer = reply->json();
    if (answer["decision"] == "skipped") {
      const bool comes_again = answer["rule"] == "attempt_active" || answer["rule"] == "not_due";
      return comes_again ? give_back(process, answer["retry_after"]) : let_go(process);
    }
    ASSERT_EQ(answer["decision"], "started") << answer;
    expect_nobody_else_works_on(answer["run_id"], process);
    process.started = answer;
    process.alive_until = now();  // The attempt may be as old as the first of these calls.
    process.work_left = 1 + static_cast<int>(random_() % 4);
  }

  void expect_nobody_else_works_on(const json& run, const Process& but) {
    for (const Process& other : all_) {
      if (&other == &but || other.started.is_null() || other.started["run_id"] != run) continue;
      EXPECT_LE(other.alive_until, now()) << "two workers are at work on run " << run;
    }
  }

  void work(Process& process) {
    const auto reply = call(process, attempt_path(process) + "/heartbeat", {{"token", process.started["token"]}});
    if (reply && reply->status == 409) return give_back(process, 0);
    if (reply) process.alive_until = now() + kLease;
    if (--process.work_left > 0) return;
    process.report = {{"token", process.started["token"]}, {"outcome", roll(20) ? "failed" : "succeeded"}};
    process.key = fmt::format("process-{}-report-{}", process.number, ++keys_);
  }

  void finish(Process& process) {
    const auto reply = call(process, attempt_path(process) + "/finish", process.report);
    if (!reply) return;
    const json answer = reply->json();
    if (answer["status"] == "queued") return give_back(process, answer["retry_after"]);
    let_go(process);
  }

  static std::string attempt_path(const Process& process) {
    return fmt::format("/v1/runs/{}/attempts/{}", process.started["run_id"].get<std::string>(),
                       process.started["attempt"].get<int>());
  }
  static std::string run_of(int job) { return fmt::format("5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c{:04}", job); }
  bool roll(unsigned percent) { return random_() % 100 < percent; }
  [[nodiscard]] Time now() { return world_.clock().now(); }

  HttpTestWorld world_;
  std::mt19937 random_{GetParam()};
  std::deque<Delivery> queue_;
  std::array<Process, 3> all_;
  int processes_ = 0;
  int keys_ = 0;
};

TEST_P(QueueWorkers, FollowTheRecipeThoughDeliveriesDoubleWorkersDieAndAnswersAreLost) {
  for (int delivery = 0; delivery < 2; ++delivery) {
    for (int job = 0; job < kJobs; ++job) queue_.push_back({.job = job, .visible_at = now()});
  }
  const auto is_idle = [&] {
    return queue_.empty() && std::all_of(all_.begin(), all_.end(), [](const Process& each) { return !each.delivery; });
  };
  int steps = 0;
  for (; !is_idle() && steps < kStepsMax; ++steps) {
    for (Process& process : all_) step(process);
    world_.clock().advance(kStep);
  }
  EXPECT_LT(steps, kStepsMax);
  const json runs = world_.get("/v1/runs?limit=100").json()["runs"];
  EXPECT_EQ(runs.size(), static_cast<std::size_t>(kJobs));
  for (const json& run : runs) {
    EXPECT_EQ(run["status"], "completed");
    EXPECT_LE(run["attempt"], run["max_attempts"]);
    const json shown = world_.get("/v1/runs/" + run["id"].get<std::string>()).json();
    int ends = 0;
    for (const json& attempt : shown["attempts"]) {
      if (attempt["outcome"] == "succeeded" && !attempt["late"].get<bool>()) ++ends;
    }
    EXPECT_EQ(ends, run["outcome"] == "succeeded" ? 1 : 0);
  }
  EXPECT_GT(processes_, static_cast<int>(all_.size())) << "nobody was killed";
}

INSTANTIATE_TEST_SUITE_P(Stories, QueueWorkers, testing::Range(1U, 9U));

}  // namespace
}  // namespace runledger
