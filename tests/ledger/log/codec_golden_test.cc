// Every form that was ever stored must stay readable and unchanged: tests/fixtures/data/golden keeps the bytes and the
// JSON of each.
//
// Never regenerate a file there to make this test pass: a changed form needs a new kind or a new field instead.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "ledger/exchange/envelope_json.h"
#include "ledger/log/codec.h"
#include "ledger/log/state_codec.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/places.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

// Returns the text of the file without trailing white space; empty when there is no such file.
std::string golden(const std::string& name) {
  std::ifstream file(source_directory() / "tests/fixtures/data/golden" / name);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  text.erase(text.find_last_not_of(" \n") + 1);
  return text;
}

// Returns hexadecimal digits in lines of 32 bytes, so that a difference shows its place.
std::string to_golden_hex(std::string_view bytes) {
  const std::string hex = format_hex(bytes);
  std::string lines;
  for (std::size_t i = 0; i < hex.size(); i += 64) lines += hex.substr(i, 64) + '\n';
  lines.pop_back();
  return lines;
}

std::string from_golden_hex(std::string lines) {
  std::erase(lines, '\n');
  return parse_hex(lines).value();
}

// Checks an envelope against its two golden files.
void expect_golden(const std::string& name, const Envelope& envelope) {
  EXPECT_EQ(to_golden_hex(encode(envelope)), golden(name + ".hex"));
  EXPECT_EQ(decode(envelope.sequence, from_golden_hex(golden(name + ".hex"))), envelope);
  EXPECT_EQ(envelope_to_json(envelope), golden(name + ".json"));
  const Result<Envelope> read = envelope_from_json(golden(name + ".json"));
  ASSERT_TRUE(read) << read.rejection().detail.str();
  EXPECT_EQ(*read, envelope);
}

CommandId command_id() {
  return CommandId{examples::run_id(0x7f).value};
}

AttemptKey attempt_key() {
  AttemptKey key;
  for (std::size_t i = 0; i < key.bytes.size(); ++i) key.bytes[i] = static_cast<unsigned char>(0xf0 + i);
  return key;
}

Identity identity() {
  Identity identity;
  for (std::size_t i = 0; i < identity.digest.bytes.size(); ++i)
    identity.digest.bytes[i] = static_cast<unsigned char>(i);
  return identity;
}

Policy policy() {
  Policy policy;
  policy.max_attempts = 5;
  policy.backoff = {std::chrono::milliseconds(2500), std::chrono::minutes(10)};
  policy.lease = std::chrono::seconds(90);
  policy.cooldown = {std::chrono::microseconds(1'000'001), CooldownFrom::kRequest, {}};
  policy.cooldown.after.insert(RunOutcome::kSucceeded);
  policy.cooldown.after.insert(RunOutcome::kCancelled);
  return policy;
}

Envelope plain(Event event) {
  return {.sequence = Sequence{7},
          .run = examples::run_id(1),
          .run_version = RunVersion{2},
          .scope = examples::workspace_scope(),
          .scope_sequence = ScopeSequence{5},
          .previous = {},
          .recorded_at = examples::at(1500),
          .occurred_at = std::nullopt,
          .origin = Origin::kLive,
          .command = std::nullopt,
          .event = std::move(event)};
}

Envelope full(Event event) {
  Envelope envelope = plain(std::move(event));
  envelope.scope = examples::scope();
  envelope.previous = ScopeSequence{3};
  envelope.occurred_at = Time{examples::at(1000).unix_us + 1};
  envelope.origin = Origin::kImported;
  envelope.command = command_id();
  return envelope;
}

TEST(CodecGolden, RequestedWithAllFieldsStaysAsItIs) {
  expect_golden("requested", full(Requested{.type = examples::type(),
                                            .identity = identity(),
                                            .fingerprint_version = 1,
                                            .input = examples::input(),
                                            .initiator = sanitize("scheduler \"nightly\""),
                                            .policy = policy(),
                                            .digest = attempt_key(),
                                            .forced = true,
                                            .rerun_of = examples::run_id(9)}));
}

TEST(CodecGolden, RequestedWithWhatItSaysOfItsRunStaysAsItIs) {
  Traceparent trace;
  for (std::size_t i = 0; i < trace.bytes.size(); ++i) trace.bytes[i] = static_cast<unsigned char>(0x10 + i);
  Envelope envelope = plain(Requested{
      .type = examples::type(),
      .identity = identity(),
      .fingerprint_version = 1,
      .input = examples::input(),
      .initiator = std::nullopt,
      .policy = {},
      .digest = attempt_key(),
      .forced = false,
      .rerun_of = std::nullopt,
      .ancestors = Ancestors{.parent = examples::run_id(8), .root = examples::run_id(4)},
      .labels = {{*parse_label_key("region"), sanitize("eu")}, {*parse_label_key("ticket"), sanitize("naïve 😀")}},
      .traceparent = trace});
  envelope.caller = {.kind = CallerKind::kTenantToken, .token = TokenId{examples::run_id(0x5a).value}};
  expect_golden("requested_with_labels", envelope);
}

TEST(CodecGolden, ACallerWhoIsAUserStaysAsItIs) {
  Envelope envelope = plain(Deduped{});
  envelope.caller = user_caller(1000);
  expect_golden("deduped_by_user", envelope);
}

TEST(CodecGolden, RequestedWithTheLeastFieldsStaysAsItIs) {
  expect_golden("requested_least", plain(Requested{.type = examples::type(),
                                                   .identity = identity(),
                                                   .fingerprint_version = 1,
                                                   .input = examples::input("{}"),
                                                   .initiator = std::nullopt,
                                                   .policy = {},
                                                   .digest = {},
                                                   .forced = false,
                                                   .rerun_of = std::nullopt}));
}

TEST(CodecGolden, DedupedWithAllFieldsStaysAsItIs) {
  expect_golden("deduped", full(Deduped{.rule = DedupeRule::kCooldown,
                                        .stage = DedupeStage::kExecute,
                                        .asked_by = sanitize("worker-7"),
                                        .retry_at = examples::at(900000),
                                        .requested_run = examples::run_id(3)}));
}

TEST(CodecGolden, ASkippedStartStaysAsItIs) {
  expect_golden("deduped_start", full(Deduped{.rule = DedupeRule::kNotDue,
                                              .stage = DedupeStage::kExecute,
                                              .asked_by = sanitize("worker-7"),
                                              .retry_at = examples::at(900000),
                                              .requested_run = {},
                                              .starter = attempt_key(),
                                              .stands_until = examples::at(60000)}));
}

TEST(CodecGolden, DedupedWithTheLeastFieldsStaysAsItIs) {
  expect_golden("deduped_least", plain(Deduped{}));
}

TEST(CodecGolden, AttemptStartedWithAllFieldsStaysAsItIs) {
  expect_golden("attempt_started", full(AttemptStarted{.attempt = AttemptNumber{2},
                                                       .worker = sanitize("worker-7"),
                                                       .lease = std::chrono::seconds(60),
                                                       .key = attempt_key()}));
}

TEST(CodecGolden, AttemptStartedByAProcessThatSaysItsNameStaysAsItIs) {
  expect_golden("attempt_started_by_starter", full(AttemptStarted{.attempt = AttemptNumber{2},
                                                                  .worker = sanitize("worker-7"),
                                                                  .lease = std::chrono::seconds(300),
                                                                  .key = {},
                                                                  .starter = attempt_key()}));
}

TEST(CodecGolden, AttemptStartedWithTheLeastFieldsStaysAsItIs) {
  expect_golden("attempt_started_least",
                plain(AttemptStarted{.attempt = AttemptNumber{1}, .worker = {}, .lease = {}, .key = std::nullopt}));
}

TEST(CodecGolden, AttemptFinishedWithAllFieldsStaysAsItIs) {
  expect_golden("attempt_finished",
                full(AttemptFinished{.attempt = AttemptNumber{2},
                                     .outcome = AttemptOutcome::kFailed,
                                     .summary_counts = examples::counts({{"failed", 3}, {"total", kCountMax}}),
                                     .failures = {examples::failure(), examples::failure("graph.gone", "naïve 😀")},
                                     .retryable = true,
                                     .disposition = Disposition::kRetries,
                                     .not_before = examples::at(30000),
                                     .digest = attempt_key()}));
}

TEST(CodecGolden, AttemptFinishedWithTheLeastFieldsStaysAsItIs) {
  expect_golden("attempt_finished_least", plain(AttemptFinished{.attempt = AttemptNumber{1},
                                                                .outcome = AttemptOutcome::kSucceeded,
                                                                .summary_counts = {},
                                                                .failures = {},
                                                                .retryable = false,
                                                                .disposition = Disposition::kCompletes,
                                                                .not_before = std::nullopt}));
}

TEST(CodecGolden, FailedWithAllFieldsStaysAsItIs) {
  expect_golden("failed", full(RunFailed{.reason_code = examples::reason("run.cancelled"),
                                         .failures = {examples::failure("run.cancelled", "by the operator")},
                                         .outcome = RunOutcome::kCancelled,
                                         .digest = attempt_key()}));
}

TEST(CodecGolden, FailedByANamedCallerStaysAsItIs) {
  expect_golden("failed_by_name", full(RunFailed{.reason_code = examples::reason("run.cancelled"),
                                                 .failures = {},
                                                 .outcome = RunOutcome::kCancelled,
                                                 .digest = attempt_key(),
                                                 .initiator = sanitize("ann \"on call\"")}));
}

TEST(CodecGolden, FailedWithTheLeastFieldsStaysAsItIs) {
  expect_golden("failed_least", plain(RunFailed{.reason_code = examples::reason(), .failures = {}, .digest = {}}));
}

TEST(CodecGolden, RunStateStaysAsItIs) {
  RunState run{.version = RunVersion{4},
               .scope = examples::scope(),
               .type = examples::type(),
               .status = RunStatus::kCompleted,
               .outcome = RunOutcome::kFailed,
               .identity = identity(),
               .content = attempt_key(),
               .policy = policy(),
               .attempts = {},
               .requested_at = examples::at(1),
               .completed_at = examples::at(2),
               .ended_by = attempt_key(),
               .requested_by = Sequence{1},
               .completed_by = Sequence{8},
               .last_sequence = Sequence{9},
               .last_in_scope = ScopeSequence{7}};
  run.attempts.push_back({.token = ScopeSequence{2},
                          .started_by = Sequence{3},
                          .status = AttemptStatus::kLate,
                          .started_at = examples::at(3),
                          .lease = policy().lease,
                          .key = attempt_key(),
                          .finish = attempt_key(),
                          .finished_by = Sequence{9}});
  run.attempts.push_back({.token = ScopeSequence{5},
                          .started_by = Sequence{6},
                          .status = AttemptStatus::kOpen,
                          .started_at = examples::at(4),
                          .lease = policy().lease,
                          .key = std::nullopt,
                          .finish = {},
                          .finished_by = {}});
  EXPECT_EQ(to_golden_hex(encode_run(run)), golden("state_run.hex"));
  EXPECT_EQ(decode_run(from_golden_hex(golden("state_run.hex"))), run);

  run.attempts.back().lease = std::chrono::seconds(300);
  run.not_before = examples::at(30000);
  run.opened_by = {.command = command_id(), .starter = attempt_key()};
  run.last_skip = Skip{.rule = DedupeRule::kAttemptActive,
                       .caller = user_caller(1000),
                       .starter = attempt_key(),
                       .event = Sequence{9},
                       .until = examples::at(60000)};
  EXPECT_EQ(to_golden_hex(encode_run(run)), golden("state_run_skipped.hex"));
  EXPECT_EQ(decode_run(from_golden_hex(golden("state_run_skipped.hex"))), run);
}

TEST(CodecGolden, AdoptedStaysAsItIs) {
  expect_golden("adopted", plain(RunAdopted{}));
}

// The second event of the ledger itself.
Envelope of_ledger(Event event) {
  return {.sequence = Sequence{9},
          .run = {},
          .run_version = RunVersion{2},
          .scope = {},
          .scope_sequence = ScopeSequence{2},
          .previous = ScopeSequence{1},
          .recorded_at = examples::at(1500),
          .occurred_at = {},
          .command = {},
          .caller = user_caller(1000),
          .event = std::move(event)};
}

TEST(CodecGolden, RestoredStaysAsItIs) {
  Envelope envelope = of_ledger(
      Restored{.skipped = 1'000'000'000'020, .outside_mark = Sequence{28}, .backup_made_at = examples::at(1000)});
  expect_golden("restored", envelope);
  envelope.run_version = RunVersion{1};
  envelope.scope_sequence = ScopeSequence{1};
  envelope.previous = {};
  envelope.caller = {};
  envelope.event = Restored{};
  expect_golden("restored_least", envelope);
}

TEST(CodecGolden, RecoveredStaysAsItIs) {
  Envelope envelope = of_ledger(Recovered{.skipped = 1'000'000'000'020,
                                          .outside_mark = Sequence{28},
                                          .kept = 8,
                                          .given_up = 3,
                                          .damage = sanitize("event.missing: event 9")});
  expect_golden("recovered", envelope);
  envelope.run_version = RunVersion{1};
  envelope.scope_sequence = ScopeSequence{1};
  envelope.previous = {};
  envelope.caller = {};
  envelope.event = Recovered{};
  expect_golden("recovered_least", envelope);
}

TEST(CodecGolden, ErasedStaysAsItIs) {
  expect_golden("erased",
                of_ledger(Erased{
                    .scope = examples::scope(), .reason = sanitize("contract ended"), .keys = {0x0123456789abcdef}}));
}

// The stored bytes were made once, with a random nonce; they open with the same key for ever.
TEST(CodecGolden, SealedContentStaysAsItIs) {
  const TemporaryDirectory directory;
  SealKeyFile::create(directory.path(), MasterKeyFile{kSealMasterFile});
  TenantKey key{{{0x0123456789abcdef}, {}}, examples::scope()};
  for (std::size_t i = 0; i < key.key.key.bytes.size(); ++i) key.key.key.bytes[i] = static_cast<unsigned char>(i);
  SealKeyFile(directory.path(), SealKeyFile::Access::kWrite).add({key});
  const SealKeys keys(directory.path(), SealKeyFile::Access::kRead);
  for (const char* name : {"failed_sealed", "requested_sealed"}) {
    const std::string stored = from_golden_hex(golden(std::string(name) + ".hex"));
    const Envelope read = decode(Sequence{9}, stored, &keys);
    EXPECT_EQ(encode(read), stored) << name;
    EXPECT_EQ(envelope_to_json(read), golden(std::string(name) + ".json"));
    const Result<Envelope> from_json = envelope_from_json(golden(std::string(name) + ".json"));
    ASSERT_TRUE(from_json) << from_json.rejection().detail.str();
    EXPECT_EQ(*from_json, read);
  }
}

TEST(CodecGolden, StatesOfWhatJournalsLeftOpenStayAsTheyAre) {
  RunState run;
  run.version = RunVersion{3};
  run.scope = examples::workspace_scope();
  run.type = examples::type();
  run.identity = identity();
  run.origin = Origin::kImported;
  run.taken_over_by = Sequence{7};
  EXPECT_EQ(to_golden_hex(encode_run(run)), golden("state_run_taken_over.hex"));
  EXPECT_EQ(decode_run(from_golden_hex(golden("state_run_taken_over.hex"))), run);
  IdentityState state;
  state.last = examples::run_id(1);
  state.imported_active = examples::run_id(2);
  EXPECT_EQ(to_golden_hex(encode_identity(state)), golden("state_identity_imported.hex"));
  EXPECT_EQ(decode_identity(from_golden_hex(golden("state_identity_imported.hex"))), state);
}

TEST(CodecGolden, IdentityStateStaysAsItIs) {
  const IdentityState state{.active = examples::run_id(1),
                            .last = examples::run_id(2),
                            .cooldown_until = examples::at(5),
                            .decided_by = Sequence{6}};
  EXPECT_EQ(to_golden_hex(encode_identity(state)), golden("state_identity.hex"));
  EXPECT_EQ(decode_identity(from_golden_hex(golden("state_identity.hex"))), state);
}

TEST(CodecGolden, CommandWithAReplyStaysAsItIs) {
  const CommandRecord record{.content = attempt_key(),
                             .answered_at = examples::at(6),
                             .answer = Reply{.verdict = Verdict::kSkipped,
                                             .rule = DedupeRule::kRunCompleted,
                                             .run = examples::run_id(1),
                                             .attempt = AttemptNumber{2},
                                             .token = ScopeSequence{3},
                                             .retry_after = std::chrono::seconds(4),
                                             .sequence = Sequence{5},
                                             .status = RunStatus::kCompleted,
                                             .outcome = RunOutcome::kBlocked,
                                             .repeated = true}};
  EXPECT_EQ(to_golden_hex(encode_command(record)), golden("command_reply.hex"));
  EXPECT_EQ(decode_command(from_golden_hex(golden("command_reply.hex"))), record);
}

TEST(CodecGolden, CommandThatStartedAnAttemptStaysAsItIs) {
  const CommandRecord record{.content = attempt_key(),
                             .answered_at = examples::at(6),
                             .answer = Reply{.verdict = Verdict::kStarted,
                                             .rule = {},
                                             .run = examples::run_id(1),
                                             .attempt = AttemptNumber{2},
                                             .token = ScopeSequence{3},
                                             .retry_after = {},
                                             .sequence = Sequence{5},
                                             .status = RunStatus::kRunning,
                                             .outcome = RunOutcome::kPending,
                                             .lease = std::chrono::seconds(60)}};
  EXPECT_EQ(to_golden_hex(encode_command(record)), golden("command_started.hex"));
  EXPECT_EQ(decode_command(from_golden_hex(golden("command_started.hex"))), record);
}

TEST(CodecGolden, CommandWithARejectionStaysAsItIs) {
  const CommandRecord record{.content = attempt_key(),
                             .answered_at = examples::at(6),
                             .answer = reject("run.not_found", "expected a run, found none")};
  EXPECT_EQ(to_golden_hex(encode_command(record)), golden("command_rejection.hex"));
  EXPECT_EQ(decode_command(from_golden_hex(golden("command_rejection.hex"))), record);
}

TEST(CodecGolden, HeadStaysAsItIs) {
  Head head{Sequence{3}, examples::at(7), {}};
  for (const char* leaf : {"a", "b", "c"}) head.tree.append(leaf);
  EXPECT_EQ(to_golden_hex(encode_head(head)), golden("head.hex"));
  EXPECT_EQ(decode_head(from_golden_hex(golden("head.hex"))).tree, head.tree);
}

TEST(CodecGolden, HeartbeatStaysAsItIs) {
  EXPECT_EQ(to_golden_hex(encode_life_sign({ScopeSequence{3}, {examples::at(7), {}}})), golden("heartbeat.hex"));
  EXPECT_EQ(decode_life_sign(from_golden_hex(golden("heartbeat.hex"))).at.wall, examples::at(7));
}

TEST(CodecGolden, HeartbeatWithProgressStaysAsItIs) {
  const LifeSign sign{.token = ScopeSequence{3},
                      .at = {examples::at(7), {.boot = 3, .since_boot = Duration{4}}},
                      .progress = examples::counts({{"items", 7}, {"pages", 2}})};
  EXPECT_EQ(to_golden_hex(encode_life_sign(sign)), golden("heartbeat_with_progress.hex"));
  EXPECT_EQ(decode_life_sign(from_golden_hex(golden("heartbeat_with_progress.hex"))), sign);
}

}  // namespace
}  // namespace runledger
