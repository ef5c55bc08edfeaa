// An exported event is read back as it was recorded, whatever the rules on texts are by then.
#include <gtest/gtest.h>

#include "ledger/exchange/envelope_json.h"
#include "ledger/log/codec.h"
#include "tests/fixtures/data/examples.h"

namespace runledger {
namespace {

// Each secret stands where an earlier version, whose rules did not know it yet, would have let it pass.
constexpr std::string_view kPlainText = "a note of twenty-three!";
constexpr std::string_view kSecretText = "password=hunter2hunter2";
constexpr std::string_view kPlainName = "plain.name.of.forty.characters.in.total0";
constexpr std::string_view kSecretName = "ghp_0123456789abcdefghijABCDEFGHIJ012345";

Envelope plain_event() {
  return {.sequence = Sequence{1},
          .run = examples::run_id(1),
          .run_version = RunVersion{1},
          .scope = {examples::workspace(), examples::tenant(kPlainName)},
          .scope_sequence = ScopeSequence{1},
          .previous = {},
          .recorded_at = examples::at(0),
          .occurred_at = std::nullopt,
          .origin = Origin::kLive,
          .command = std::nullopt,
          .event = Requested{.type = examples::type(),
                             .identity = {},
                             .fingerprint_version = 1,
                             .input = examples::input("{\"note\":\"" + std::string(kPlainText) + "\"}"),
                             .initiator = sanitize(kPlainText),
                             .policy = {},
                             .digest = {},
                             .forced = false,
                             .rerun_of = std::nullopt,
                             .ancestors = {},
                             .labels = {{*parse_label_key("note"), sanitize(kPlainText)}},
                             .traceparent = {}}};
}

void replace_all(std::string& bytes, std::string_view from, std::string_view to) {
  for (std::size_t at = bytes.find(from); at != std::string::npos; at = bytes.find(from, at))
    bytes.replace(at, from.size(), to);
}

TEST(ExportedEvents, WithTextsThatTodaysRulesWouldChangeAreReadAsTheyWereRecorded) {
  ASSERT_EQ(kPlainText.size(), kSecretText.size());
  ASSERT_EQ(kPlainName.size(), kSecretName.size());
  ASSERT_NE(sanitize(kSecretText).str(), kSecretText);
  ASSERT_FALSE(parse_tenant(kSecretName));
  std::string line = envelope_to_json(plain_event());
  replace_all(line, kPlainText, kSecretText);
  replace_all(line, kPlainName, kSecretName);
  const Result<Envelope> read = envelope_from_json(line);
  ASSERT_TRUE(read) << read.rejection().detail.str();
  EXPECT_EQ(std::get<Requested>(read->event).initiator->str(), kSecretText);
  EXPECT_EQ(read->scope.tenant->str(), kSecretName);
  EXPECT_EQ(envelope_to_json(*read), line);
  EXPECT_EQ(decode(Sequence{1}, encode(*read)), *read);
}

TEST(ExportedEvents, WithInvisibleCharactersAreRefused) {
  std::string line = envelope_to_json(plain_event());
  replace_all(line, kPlainText, "a note \\u001b[31mof twenty");
  EXPECT_EQ(envelope_from_json(line).rejection().code, "event.malformed");
}

}  // namespace
}  // namespace runledger
