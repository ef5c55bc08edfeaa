// Sends secrets in every text field of every command: no secret is stored in the database, its tables or Postgres.
#include <gtest/gtest.h>

#include "ledger/exchange/envelope_json.h"
#include "projections/postgres/mirror.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/data/secrets.h"
#include "tests/fixtures/world/private_postgres.h"
#include "tests/fixtures/world/program.h"
#include "tests/fixtures/world/stored_text.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using fixtures::FakeSecret;
using fixtures::found_in;
using fixtures::stored_text;

class SecretsAtRest : public testing::Test {
 protected:
  Reply submit(Command command) {
    const Answer answer = world.ledger().sequencer().submit(Submission{.command = std::move(command)}).get();
    return std::get<Reply>(answer);
  }

  // Requests a run that fails, with the secret in each of its free texts.
  void tell(const FakeSecret& secret, int number) {
    RequestRun request = examples::request(
        {.run = examples::run_id(number), .input = examples::input("{\"n\":" + std::to_string(number) + "}")});
    request.initiator = sanitize("asked for by " + secret.text);
    submit(request);
    const Reply started = submit(StartAttempt{request.run, sanitize(secret.text), {}});
    const FailureNote note{examples::reason(), sanitize("the service said: " + secret.text + " and hung up")};
    submit(FinishAttempt{
        request.run, AttemptRef{started.attempt, started.token}, AttemptOutcome::kFailed, {}, {note}, true});
    submit(FailRun{request.run, examples::reason("run.cancelled"), sanitize(secret.text), RunOutcome::kCancelled});
  }

  TemporaryLedger world;
  const std::vector<FakeSecret> secrets = fixtures::fake_secrets();
};

TEST_F(SecretsAtRest, NoneIsInTheStoreOrTheMirrorOrAnEvent) {
  ASSERT_GE(secrets.size(), 200U);
  int number = 0;
  for (const FakeSecret& secret : secrets) tell(secret, ++number);
  EventLog& log = world.ledger().log();
  RowStore rows(log);
  rows.catch_up();
  EXPECT_EQ(found_in(stored_text(log.store()), secrets), "");
  std::string events;
  log.scan(Sequence{0}, log.last(), [&](const Envelope& envelope, std::string_view) {
    events += envelope_to_json(envelope) + "\n";
    return Scan::kContinue;
  });
  EXPECT_EQ(found_in(events, secrets), "");
  EXPECT_NE(events.find("[redacted]"), std::string::npos);

  const std::string dsn = PrivatePostgres::shared().make_database();
  Mirror mirror(log, MirrorOptions{.dsn = dsn});
  mirror.open(std::chrono::seconds(10));
  ASSERT_EQ(mirror.catch_up(), log.last());
  const ProgramResult dump = run_program({"/usr/bin/pg_dump", "--dbname", dsn});
  ASSERT_EQ(dump.status, 0) << dump.err;
  ASSERT_NE(dump.out.find("[redacted]"), std::string::npos);
  EXPECT_EQ(found_in(dump.out, secrets), "");
}

TEST_F(SecretsAtRest, NoneIsTakenAsANameOrAsInput) {
  for (const FakeSecret& secret : secrets) {
    EXPECT_FALSE(RunInput::parse("{\"note\":\"" + secret.secret + "\",\"password\":\"" + secret.secret + "\"}"))
        << secret.kind;
    EXPECT_FALSE(parse_workspace(secret.text) && secret.text == secret.secret) << secret.kind;
    EXPECT_FALSE(parse_tenant(secret.text) && secret.text == secret.secret) << secret.kind;
  }
}

}  // namespace
}  // namespace runledger
