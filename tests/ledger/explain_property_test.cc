// Whatever a ledger has been through: explain() gives the answer that a request then gets.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <rocksdb/env.h>

#include <memory>
#include <string>
#include <vector>

#include "ledger/client.h"
#include "ledger/explain.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

// One ask in small numbers, so that asks meet each other: few inputs, few runs, and waits around the limits below.
struct Move {
  enum class Kind { kRequest, kStart, kStartByIdentity, kFinish, kCancel, kExpire };
  Kind kind = Kind::kRequest;
  unsigned input = 0;
  unsigned run = 0;  // A request asks for none where it is 0.
  unsigned wait = 0;
  bool force = false;
  bool succeeds = false;
};

constexpr const char* kLimits = R"({"types":[{"type":"assignments.fetch","scope":"tenant","identity_fields":["n"],
  "max_attempts":2,"lease_seconds":10,"backoff_seconds":10,"cooldown_seconds":10}]})";

rc::Gen<Move> any_move() {
  using Kind = Move::Kind;
  return rc::gen::build<Move>(
      rc::gen::set(&Move::kind, rc::gen::element(Kind::kRequest, Kind::kRequest, Kind::kStart, Kind::kStartByIdentity,
                                                 Kind::kFinish, Kind::kCancel, Kind::kExpire)),
      rc::gen::set(&Move::input, rc::gen::inRange(0U, 3U)), rc::gen::set(&Move::run, rc::gen::inRange(0U, 5U)),
      rc::gen::set(&Move::wait, rc::gen::element(0U, 0U, 1U, 9U, 10U, 11U)), rc::gen::set(&Move::force),
      rc::gen::set(&Move::succeeds));
}

// A ledger in memory. It is shared by all lives, as each has a tenant and runs of its own in it.
struct World {
  TemporaryDirectory directory;
  std::unique_ptr<rocksdb::Env> memory{rocksdb::NewMemEnv(rocksdb::Env::Default())};
  ManualClock clock{examples::at(0)};
  std::unique_ptr<Ledger> ledger;
  unsigned lives = 0;

  World() {
    const std::filesystem::path path = directory.path() / "ledger";
    Store::create({.directory = path, .env = memory.get()}, IdentityKey{});
    ledger = std::make_unique<Ledger>(Ledger::Options{
        .directory = path, .catalog = *Catalog::parse(kLimits, Policy{}), .clock = &clock, .env = memory.get()});
  }
};

class Life {
 public:
  explicit Life(World& world) : world_(world), number_(++world.lives) {}

  void make(const Move& move) {
    world_.clock.advance(std::chrono::seconds(move.wait));
    switch (move.kind) {
      case Move::Kind::kRequest:
        return compare(request(move));
      case Move::Kind::kStart:
        return note(ask(StartAttempt{.run = run(move), .worker = {}}));
      case Move::Kind::kStartByIdentity:
        return note(ask(IdentityStart{.request = request(move), .worker = {}}));
      case Move::Kind::kFinish:
        return finish(move);
      case Move::Kind::kCancel:
        return note(ask(CancelRun{.run = run(move), .message = {}}));
      case Move::Kind::kExpire:
        return note(ask(ExpireLease{run(move)}));
    }
  }

 private:
  // The input's second member is no identity field: a run of the same id may be asked for with another input.
  [[nodiscard]] RunRequest request(const Move& move) const {
    RunRequest request;
    request.workspace = examples::workspace();
    request.tenant = examples::tenant(fmt::format("tenant-{}", number_));
    request.type = examples::type();
    request.input =
        examples::input(fmt::format(R"({{"n":{},"note":{}}})", move.input, move.succeeds ? "true" : "false"));
    if (move.run != 0) request.run = run(move);
    request.force = move.force;
    return request;
  }
  [[nodiscard]] RunId run(const Move& move) const {
    return examples::run_id(static_cast<int>(10 * number_ + move.run));
  }

  Answer ask(const Ask& ask) { return client_->submit(ask, {}); }

  void note(const Answer& answer) {
    const auto* reply = std::get_if<Reply>(&answer);
    if (reply != nullptr && reply->verdict == Verdict::kStarted) started_ = *reply;
  }

  void finish(const Move& move) {
    FinishAttempt finish;
    finish.run = started_.run;
    finish.attempt = AttemptRef{started_.attempt, started_.token};
    finish.outcome = move.succeeds ? AttemptOutcome::kSucceeded : AttemptOutcome::kFailed;
    finish.retryable = move.force;
    note(ask(finish));
  }

  void compare(const RunRequest& request) {
    const Result<Explanation> explanation = explain(*world_.ledger, request);
    const Answer answer = ask(request);
    RC_ASSERT(static_cast<bool>(explanation));
    if (const auto* refused = std::get_if<Rejection>(&answer)) {
      const auto* expected = std::get_if<Rejection>(&explanation->answer);
      RC_ASSERT(expected != nullptr);
      RC_ASSERT(expected->code == refused->code);
      RC_ASSERT(expected->detail.str() == refused->detail.str());
      return;
    }
    Reply expected = std::get<Reply>(explanation->answer);
    Reply reply = std::get<Reply>(answer);
    // Nothing has happened yet: there is no position, no event, and no id of a new run that the caller did not name.
    reply.sequence = {};
    reply.run_version = {};
    reply.token = {};
    reply.events = 0;
    if (reply.verdict == Verdict::kRequested && !request.run) expected.run = reply.run;
    RC_ASSERT(expected == reply);
  }

  World& world_;
  const unsigned number_;
  std::unique_ptr<LedgerClient> client_ = embedded_client(*world_.ledger);
  Reply started_;
};

RC_GTEST_PROP(Explanations, AreTheAnswersThatTheSequencerThenGives, ()) {
  static World world;
  const auto moves = *rc::gen::container<std::vector<Move>>(any_move());
  Life life(world);
  for (const Move& move : moves) life.make(move);
}

}  // namespace
}  // namespace runledger
