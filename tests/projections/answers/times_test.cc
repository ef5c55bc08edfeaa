// Questions about times: series, totals of a time and failures, compared with the events themselves.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "projections/answers/message_shape.h"
#include "projections/answers/question.h"
#include "projections/answers/window.h"
#include "projections/reader/ledger_reader.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using nlohmann::json;

class TimeQuestions : public testing::Test {
 protected:
  Reply submit(Command command) {
    const Answer answer = world.ledger().sequencer().submit({.command = std::move(command)}).get();
    EXPECT_TRUE(std::holds_alternative<Reply>(answer));
    return std::get<Reply>(answer);
  }
  void wait(Duration duration) { world.clock().advance(duration); }
  RunId request(std::string_view type = "assignments.fetch", std::string_view tenant = "contoso") {
    const RunId run = examples::run_id(++runs);
    submit(examples::request({.run = run,
                              .scope = examples::scope(tenant),
                              .type = examples::type(type),
                              .input = examples::input(fmt::format(R"({{"n":{}}})", runs))}));
    return run;
  }
  void fail(RunId run, std::string_view code, std::string_view message) {
    submit(FailRun{run, examples::reason(code), sanitize(message), RunOutcome::kFailed});
  }
  // Requests, starts and ends runs over 100 days, an hour or more apart.
  void live_long() {
    for (int i = 0; i < 400; ++i) {
      const RunId run =
          request(i % 3 == 0 ? "assignments.restore" : "assignments.fetch", i % 4 == 0 ? "fabrikam" : "contoso");
      wait(std::chrono::minutes(i % 7));
      const Reply started = submit(StartAttempt{run, sanitize("w-1")});
      wait(std::chrono::minutes(i % 50));
      if (i % 5 == 0) {
        fail(run, i % 2 == 0 ? "disk.full" : "graph.throttled", fmt::format("run {} of 'x' failed", i));
      } else {
        submit(FinishAttempt{.run = run, .attempt = AttemptRef{started.attempt, started.token}});
      }
      wait(std::chrono::hours(5) + std::chrono::minutes(i));
    }
  }
  json ask(const char* about, const Parameters::Pairs& pairs) {
    if (!reader_) reader_ = embedded_reader(world.ledger());
    const Result<std::string> answer = reader_->answer({about, Parameters(pairs)});
    return answer ? json::parse(*answer) : json(answer.rejection().code);
  }
  // How many events of this kind were recorded in a range.
  template <class Event>
  std::uint64_t recorded(Time since, Time until) {
    std::uint64_t count = 0;
    world.ledger().log().scan({}, world.ledger().log().last(), [&](const Envelope& envelope, std::string_view) {
      if (std::holds_alternative<Event>(envelope.event) && envelope.recorded_at >= since &&
          envelope.recorded_at < until)
        ++count;
      return Scan::kContinue;
    });
    return count;
  }
  static std::uint64_t sum(const json& points) {
    std::uint64_t sum = 0;
    for (const json& point : points) sum += point.get<std::uint64_t>();
    return sum;
  }
  static const json& line(const json& answer, std::string_view name) {
    for (const json& each : answer["series"]) {
      if (each["name"] == name) return each;
    }
    static const json none = {{"points", json::array()}, {"total", 0}};
    return none;
  }

  TemporaryLedger world;
  std::unique_ptr<LedgerReader> reader_;
  int runs = 0;
};

TEST_F(TimeQuestions, CountTheEventsOfTheirTimeWhereverItBeginsAndEnds) {
  const Time begin = world.clock().now();
  live_long();
  const Time end = world.clock().now();
  ASSERT_GT(end - begin, Duration(std::chrono::hours(24 * 95)));
  for (int i = 0; i < 60; ++i) {
    const Time since = begin + (end - begin) * i / 60;
    const Time until = since + Duration(std::chrono::minutes(7 * (i + 1) * (i + 1)));
    const json totals = ask("totals", {{"since", format_time(since)}, {"until", format_time(until)}});
    const Time first = *parse_time(totals["since"].get<std::string>());
    const Time last = *parse_time(totals["until"].get<std::string>());
    ASSERT_LE(first, since);
    ASSERT_LE(since - first, Duration(std::chrono::hours(24)));
    EXPECT_EQ(totals["requested"], recorded<Requested>(first, last)) << i;
    EXPECT_EQ(totals["started"], recorded<AttemptStarted>(first, last)) << i;
    EXPECT_EQ(totals["failures"].value("disk.full", 0) + totals["failures"].value("graph.throttled", 0),
              recorded<RunFailed>(first, last))
        << i;
  }
  const json recent = ask("totals", {{"since", format_time(end - std::chrono::hours(30))}});
  EXPECT_EQ(recent["since"], format_time(row_index::start_of(row_index::Grain::kMinute, end - std::chrono::hours(30))));
  const json all = ask("totals", {{"as_of", format_time(end)}});
  EXPECT_EQ(all["requested"], 400);
  EXPECT_EQ(all["by_type"].size(), 2U);
  EXPECT_EQ(all["by_type"][0]["requested"].get<int>() + all["by_type"][1]["requested"].get<int>(), 400);
  EXPECT_EQ(all["duration"]["count"], 400);
  EXPECT_EQ(ask("totals", {{"as_of", format_time(end)}, {"until", format_time(end)}}), "query.invalid");
}

TEST_F(TimeQuestions, InSeriesAddUpToTheirTotals) {
  const Time begin = world.clock().now();
  live_long();
  const Time end = world.clock().now();
  const Parameters::Pairs range = {{"since", format_time(begin)}, {"until", format_time(end)}};
  const auto with = [&](Parameters::Pairs more) {
    more.insert(more.end(), range.begin(), range.end());
    return ask("series", more);
  };
  const json days = with({});
  EXPECT_EQ(days["step_seconds"], 172800) << "140 days in up to 120 steps";
  EXPECT_EQ(line(days, "requested")["total"], 400);
  EXPECT_EQ(sum(line(days, "requested")["points"]), 400U);
  EXPECT_EQ(line(days, "requested")["points"].size(), days["points"].get<std::size_t>());
  EXPECT_EQ(line(days, "completed")["total"], 400);
  EXPECT_EQ(line(days, "failed")["total"], 80);
  EXPECT_EQ(days["durations"]["wait_p95_seconds"].size(), days["points"].get<std::size_t>());
  EXPECT_EQ(line(with({{"by", "outcome"}}), "failed")["total"], 80);
  EXPECT_EQ(line(with({{"by", "outcome"}}), "succeeded")["total"], 320);
  EXPECT_EQ(line(with({{"by", "type"}}), "assignments.restore")["total"], 134);
  EXPECT_EQ(line(with({{"by", "type"}, {"of", "failed"}}), "assignments.restore")["total"], 27);
  EXPECT_EQ(line(with({{"by", "tenant"}}), "acme/fabrikam")["total"], 100);
  EXPECT_EQ(line(with({{"by", "tenant"}, {"workspace", "acme"}}), "fabrikam")["total"], 100);
  EXPECT_EQ(line(with({{"workspace", "acme"}, {"tenant", "fabrikam"}}), "requested")["total"], 100);
  EXPECT_EQ(line(with({{"tenant", "fabrikam"}}), "requested")["total"], 100);
  EXPECT_EQ(line(with({{"workspace", "globex"}}), "requested")["total"], 0);
  EXPECT_EQ(line(with({{"type", "assignments.restore"}}), "requested")["total"], 134);
  const json minutes =
      ask("series", {{"since", format_time(end - std::chrono::hours(6))}, {"until", format_time(end)}, {"step", "60"}});
  EXPECT_EQ(minutes["step_seconds"], 60);
  const Time first = *parse_time(minutes["since"].get<std::string>());
  EXPECT_EQ(line(minutes, "requested")["total"], recorded<Requested>(first, kTimesEnd));
}

TEST_F(TimeQuestions, InSeriesAreRefusedForStepsThatAreTooManyOrNoLongerKept) {
  live_long();
  const Time end = world.clock().now();
  const auto code = [&](const Parameters::Pairs& pairs) { return ask("series", pairs); };
  const std::string old = format_time(end - std::chrono::hours(24 * 20));
  EXPECT_EQ(code({{"since", old}, {"until", format_time(end)}, {"step", "60"}}), "step.invalid");
  EXPECT_EQ(code({{"since", old},
                  {"until", format_time(end - std::chrono::hours(24 * 20) + std::chrono::hours(2))},
                  {"step", "60"}}),
            "step.invalid");
  EXPECT_EQ(code({{"step", "61"}}), "step.invalid");
  EXPECT_EQ(code({{"step", "0"}}), "step.invalid");
  EXPECT_EQ(code({{"by", "luck"}}), "by.invalid");
  EXPECT_EQ(code({{"of", "failed"}}), "query.invalid");
  EXPECT_EQ(code({{"by", "type"}, {"of", "luck"}}), "of.invalid");
  EXPECT_EQ(code({{"since", format_time(end)}, {"until", old}}), "range.invalid");
}

TEST_F(TimeQuestions, GroupFailuresByTheirCauseAndTheShapeOfTheirMessages) {
  for (int i = 0; i < 30; ++i) {
    fail(request("assignments.fetch", i % 2 == 0 ? "contoso" : "fabrikam"), "disk.full",
         fmt::format("volume {} is full: {} bytes left", i, i * 7));
    if (i % 3 == 0) fail(request("assignments.restore"), "graph.throttled", "429 after 5 tries");
    wait(std::chrono::minutes(1));
  }
  const json answer = ask("failures", {});
  ASSERT_EQ(answer["groups"].size(), 2U);
  const json& disk = answer["groups"][0];
  EXPECT_EQ(disk["reason_code"], "disk.full");
  EXPECT_EQ(disk["type"], "assignments.fetch");
  EXPECT_EQ(disk["count"], 30);
  EXPECT_EQ(disk["scopes"], 2);
  ASSERT_EQ(disk["shapes"].size(), 1U);
  EXPECT_EQ(disk["shapes"][0]["shape"], "volume # is full: # bytes left");
  EXPECT_EQ(disk["shapes"][0]["runs"], 30);
  EXPECT_EQ(answer["groups"][1]["count"], 10);
  EXPECT_EQ(answer["messages_of"]["runs"], 40);
  EXPECT_EQ(answer["messages_of"]["reached"], nullptr);
  EXPECT_EQ(ask("failures", {{"workspace", "acme"}, {"tenant", "fabrikam"}})["groups"][0]["count"], 15);
  EXPECT_EQ(ask("failures", {{"reason_code", "graph.throttled"}})["groups"].size(), 1U);
  EXPECT_EQ(ask("failures", {{"type", "assignments.restore"}})["groups"][0]["count"], 10);
  EXPECT_EQ(ask("failures", {{"limit", "1"}})["groups_count"], 2);
}

TEST(MessageShapes, LeaveOutWhatDiffersFromCaseToCase) {
  EXPECT_EQ(message_shape("429 after 5 tries"), "# after # tries");
  EXPECT_EQ(message_shape("run 5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11 is gone"), "run # is gone");
  EXPECT_EQ(message_shape("no file \"a b.txt\" in 'x'"), "no file \"…\" in '…'");
  EXPECT_EQ(message_shape("sha256 of it's bad"), "sha256 of it's bad");
  EXPECT_EQ(message_shape("deadbeef1 faded"), "# faded");
  EXPECT_EQ(message_shape(""), "");
  const std::string cut = message_shape(std::string(159, 'a') + "äää");
  EXPECT_EQ(cut, std::string(159, 'a') + "…");
}

TEST_F(TimeQuestions, NameWorkersByWhatTheyDo) {
  const RunId first = request();
  const RunId second = request("assignments.restore");
  submit(StartAttempt{first, sanitize("busy")});
  submit(StartAttempt{second, sanitize("busy")});
  const RunId third = request();
  const Reply started = submit(StartAttempt{third, sanitize("idle")});
  submit(FinishAttempt{.run = third,
                       .attempt = AttemptRef{started.attempt, started.token},
                       .outcome = AttemptOutcome::kFailed,
                       .failures = {examples::failure("disk.full")}});
  wait(std::chrono::seconds(10));
  const json answer = ask("workers", {});
  ASSERT_EQ(answer["workers"].size(), 2U);
  const json& busy = answer["workers"][0];
  EXPECT_EQ(busy["worker"], "busy");
  EXPECT_EQ(busy["open_attempts"], 2);
  EXPECT_EQ(busy["started"], 2);
  ASSERT_EQ(busy["attempts"].size(), 2U);
  EXPECT_EQ(busy["attempts"][0]["run_id"], format_uuid(second.value));
  EXPECT_GT(busy["attempts"][0]["left_seconds"], 0.0);
  EXPECT_EQ(answer["workers"][1]["worker"], "idle");
  EXPECT_EQ(answer["workers"][1]["failed"], 1);
  EXPECT_EQ(ask("workers", {{"worker", "idle"}})["workers"].size(), 1U);
  EXPECT_EQ(ask("workers", {{"type", "assignments.restore"}})["workers"][0]["open_attempts"], 1);
  EXPECT_EQ(ask("workers", {{"workspace", "globex"}})["workers"], json::array());
  wait(std::chrono::hours(25));
  EXPECT_EQ(ask("workers", {})["workers"].size(), 1U) << "what was long ago no longer counts";
}

TEST_F(TimeQuestions, ListAttemptsWithTheirEnds) {
  const RunId run = request();
  const Reply lost = submit(StartAttempt{run, sanitize("w-1")});
  wait(std::chrono::hours(1));
  const Time between = world.clock().now();
  const Reply second = submit(StartAttempt{run, sanitize("w-2")});
  submit(FinishAttempt{.run = run, .attempt = AttemptRef{second.attempt, second.token}});
  const RunId open = request("assignments.restore");
  submit(StartAttempt{open, sanitize("w-1")});
  const json answer = ask("attempts", {});
  ASSERT_EQ(answer["attempts"].size(), 3U);
  EXPECT_EQ(answer["attempts"][0]["run_id"], format_uuid(open.value));
  EXPECT_EQ(answer["attempts"][0]["ended_at"], nullptr);
  EXPECT_EQ(answer["attempts"][1]["outcome"], "succeeded");
  EXPECT_EQ(answer["attempts"][1]["worker"], "w-2");
  EXPECT_EQ(answer["attempts"][2]["attempt"], lost.attempt.value);
  EXPECT_EQ(answer["attempts"][2]["outcome"], "lost");
  EXPECT_EQ(ask("attempts", {{"worker", "w-1"}})["attempts"].size(), 2U);
  EXPECT_EQ(ask("attempts", {{"since", format_time(between)}})["attempts"].size(), 2U);
  EXPECT_EQ(ask("attempts", {{"until", format_time(between)}})["attempts"].size(), 1U);
  EXPECT_EQ(ask("attempts", {{"type", "assignments.restore"}})["attempts"].size(), 1U);
  const json page = ask("attempts", {{"limit", "2"}});
  EXPECT_EQ(ask("attempts", {{"limit", "2"}, {"cursor", page["next_cursor"]}})["attempts"].size(), 1U);
}

}  // namespace
}  // namespace runledger
