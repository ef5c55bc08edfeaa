// The stored bytes of the least event of each kind, and what each optional field adds, as docs/log-format.md has them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <iterator>

#include "ledger/log/codec.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

// Returns an id or a digest without a zero byte, because packing shortens zeros, and most random ids have none.
template <class Name>
Name dense_id(unsigned char first) {
  Name id;
  for (unsigned char& byte : id.value.bytes) byte = first++;
  return id;
}
template <std::size_t kBytes>
Digest<kBytes> dense_digest() {
  Digest<kBytes> digest;
  unsigned char next = 0x81;
  for (unsigned char& byte : digest.bytes) byte = next++;
  return digest;
}

// Returns a time as a clock gives it, which is not a whole number of seconds.
Time clock_time(std::int64_t seconds) {
  return {examples::at(seconds * 1000).unix_us + 234'567};
}

// The least events. Their optional fields are absent, and everything else has a length that is common.
const Requested kLeastRequested{.type = examples::type(),
                                .identity = {dense_digest<32>()},
                                .fingerprint_version = 1,
                                .input = {},
                                .initiator = {},
                                .policy = {},
                                .digest = dense_digest<16>(),
                                .forced = false,
                                .rerun_of = {}};
const Deduped kLeastDeduped{};
const AttemptStarted kLeastStarted{
    .attempt = AttemptNumber{1}, .worker = {}, .lease = std::chrono::seconds(60), .key = {}};
const AttemptFinished kLeastFinished{.attempt = AttemptNumber{1}, .digest = dense_digest<16>()};
const Erased kLeastErased{.scope = examples::scope(), .reason = {}, .keys = {0x1122334455667788}};
const RunFailed kLeastFailed{.reason_code = examples::reason("attempts.exhausted"),
                             .failures = {},
                             .outcome = RunOutcome::kFailed,
                             .digest = dense_digest<16>()};

// Returns the event in the middle of a scope with some hundred thousand events.
Envelope least(const Event& event) {
  const bool first = std::holds_alternative<Requested>(event);
  return {.sequence = Sequence{900'000},
          .run = dense_id<RunId>(0x11),
          .run_version = RunVersion{first ? 1U : 3U},
          .scope = examples::workspace_scope(),
          .scope_sequence = ScopeSequence{250'000},
          .previous = ScopeSequence{first ? 0U : 249'990U},
          .recorded_at = clock_time(60),
          .occurred_at = {},
          .origin = Origin::kLive,
          .command = {},
          .event = event};
}

std::size_t size_of(const Event& event) {
  return encode(least(event)).size();
}

// Returns the row of a field that every event may have.
std::string envelope_row(std::string_view field, const std::function<void(Envelope&)>& add) {
  Envelope envelope = least(kLeastRequested);
  add(envelope);
  return fmt::format("| {} | {} |\n", field, encode(envelope).size() - size_of(kLeastRequested));
}

// Returns the row of a field of the kind.
template <class Kind>
std::string event_row(std::string_view field, Kind event, const std::function<void(Kind&)>& add) {
  const std::size_t base = size_of(event);
  add(event);
  return fmt::format("| {} | {} |\n", field, size_of(event) - base);
}

std::string request_row(std::string_view field, const std::function<void(Requested&)>& add) {
  return event_row<Requested>(field, kLeastRequested, add);
}

std::string table_of_kinds() {
  const Event least_of_kinds[] = {kLeastRequested, kLeastDeduped, kLeastStarted, kLeastFinished, kLeastFailed,
                                  RunAdopted{},    Restored{},    kLeastErased,  Recovered{}};
  static_assert(std::size(least_of_kinds) == std::variant_size_v<Event>);
  std::string names = "|";
  std::string line = "|";
  std::string sizes = "|";
  for (const Event& event : least_of_kinds) {
    names += fmt::format(" `{}` |", kind_name(event));
    line += "---|";
    sizes += fmt::format(" {} |", size_of(event));
  }
  return names + "\n" + line + "\n" + sizes + "\n";
}

std::string rows_of_envelope() {
  const auto caller = [](CallerKind kind) {
    return [kind](Envelope& envelope) { envelope.caller = {.kind = kind, .token = dense_id<TokenId>(0x51)}; };
  };
  return envelope_row("tenant `contoso`", [](Envelope& envelope) { envelope.scope = examples::scope(); }) +
         envelope_row("time at which it occurred", [](Envelope& envelope) { envelope.occurred_at = clock_time(59); }) +
         envelope_row("command id", [](Envelope& envelope) { envelope.command = dense_id<CommandId>(0x31); }) +
         envelope_row("caller, a user", [](Envelope& envelope) { envelope.caller = user_caller(1000); }) +
         envelope_row("caller, a token", caller(CallerKind::kToken));
}

std::string rows_of_request() {
  const RunId parent = dense_id<RunId>(0x61);
  const auto labels = [](int count) {
    return [count](Requested& requested) {
      for (int i = 1; i <= count; ++i) add_label(requested.labels, fmt::format("region{}", i), "eu");
    };
  };
  return request_row("input `{\"policy_ids\":[\"p1\"]}`", [](Requested& out) { out.input = examples::input(); }) +
         request_row("initiator of 10 characters", [](Requested& out) { out.initiator = sanitize("nightly-01"); }) +
         request_row("parent that has none itself",
                     [&](Requested& out) {
                       out.ancestors = {parent, parent};
                     }) +
         request_row("parent with another root",
                     [&](Requested& out) {
                       out.ancestors = {parent, dense_id<RunId>(0x71)};
                     }) +
         request_row("run that it repeats", [&](Requested& out) { out.rerun_of = parent; }) +
         request_row("label `region=eu`", [](Requested& out) { add_label(out.labels, "region", "eu"); }) +
         request_row("eight labels like `region1=eu`", labels(8)) +
         request_row("traceparent",
                     [](Requested& out) {
                       unsigned char next = 0x91;
                       for (unsigned char& byte : out.traceparent.emplace().bytes) byte = next++;
                     }) +
         request_row("forced", [](Requested& out) { out.forced = true; });
}

std::string rows_of_attempt() {
  const auto start_row = [](std::string_view field, const std::function<void(AttemptStarted&)>& add) {
    return event_row<AttemptStarted>(field, kLeastStarted, add);
  };
  const auto finish_row = [](std::string_view field, const std::function<void(AttemptFinished&)>& add) {
    return event_row<AttemptFinished>(field, kLeastFinished, add);
  };
  return start_row("worker of 10 characters", [](AttemptStarted& out) { out.worker = sanitize("fetcher-07"); }) +
         start_row("attempt key", [](AttemptStarted& out) { out.key = dense_digest<16>(); }) +
         start_row("starter of an attempt", [](AttemptStarted& out) { out.starter = dense_digest<16>(); }) +
         finish_row("time before which no retry starts",
                    [](AttemptFinished& out) { out.not_before = clock_time(90); }) +
         finish_row("count `items` of 120",
                    [](AttemptFinished& out) {
                      out.summary_counts = examples::counts({{"items", 120}});
                    }) +
         finish_row("failure `graph.throttled` with a message of 20 characters", [](AttemptFinished& out) {
           out.failures = {examples::failure("graph.throttled", "429 from the service")};
         });
}

std::string rows_of_dedupe() {
  const auto row = [](std::string_view field, const std::function<void(Deduped&)>& add) {
    return event_row<Deduped>(field, kLeastDeduped, add);
  };
  return row("time from which a request would start a run", [](Deduped& out) { out.retry_at = clock_time(900); }) +
         row("run id that a deduplicated request named",
             [](Deduped& out) { out.requested_run = dense_id<RunId>(0x61); }) +
         row("starter of a skipped start, and until when the skip stands", [](Deduped& out) {
           out.starter = dense_digest<16>();
           out.stands_until = clock_time(60);
         });
}

std::string table_of_fields() {
  return "| field | bytes |\n|---|---|\n" + rows_of_envelope() + rows_of_request() + rows_of_attempt() +
         rows_of_dedupe();
}

void expect_in_page(const std::string& table) {
  std::ifstream file(source_directory() / "docs/log-format.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(page.find("\n\n" + table + "\n"), std::string::npos) << "expected docs/log-format.md to have the table\n"
                                                                 << table;
}

TEST(EventSizes, OfTheLeastEventsAreThoseOfThePage) {
  expect_in_page(table_of_kinds());
}

TEST(EventSizes, OfEachOptionalFieldAreThoseOfThePage) {
  expect_in_page(table_of_fields());
}

}  // namespace
}  // namespace runledger
